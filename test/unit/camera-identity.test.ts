import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identified, usableCameraId } from '../../drivers/camera/identity.js';

describe('camera identity', () => {
  it.each(['A7000123', '1A2B-3C4D', 'c0ffee00-0000-4000-8000-000000000000', 'a.b_c-d', '7', 'x'.repeat(64)])(
    'takes %s as it is',
    (id) => {
      expect(usableCameraId(id)).toBe(id);
    },
  );

  it('takes off what pads fixed fields, and nothing else', () => {
    expect(usableCameraId('A7\0\0\0')).toBe('A7');
    expect(usableCameraId('  A7  ')).toBe('A7');
    expect(() => usableCameraId('A 7')).toThrow();
  });

  it.each([
    ['nothing', ''],
    ['padding alone', '\0\0 '],
    ['the folder above', '..'],
    ['a path', 'a/b'],
    ['a Windows path', 'a\\b'],
    ['a hidden name', '.a'],
    ['what looks like an option', '-rf'],
    ['MQTT wildcards', 'a+'],
    ['MQTT wildcards', '#'],
    ['a newline', 'a\nb'],
    ['a newline at its end', 'a\n'],
    ['a NUL within', 'a\0b'],
    ['look-alikes of letters', 'А7'],
    ['65 characters', 'x'.repeat(65)],
  ])('refuses %s (I11)', (_, id) => {
    expect(() => usableCameraId(id)).toThrow(expect.objectContaining({ code: 'DOCK_CAMERA_IDENTITY_UNUSABLE' }));
  });

  it('never lets through what is no safe folder name and topic level, and never makes two ids one (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (claimed) => {
        let id: string;
        try {
          id = usableCameraId(claimed);
        } catch (error) {
          // What is refused is shown without anything that could act on a terminal.
          expect(String(error)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
          return;
        }
        expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
        expect(claimed.includes(id)).toBe(true);
      }),
    );
  });

  it('keeps what a camera says of itself fit to be shown, and leaves out what says nothing', () => {
    const identity = identified('A7', 'side-channel', { maker: 'm\u001b[31m', model: '\0\0', userNumber: '0042 ' });
    expect(identity).toEqual({ id: 'A7', source: 'side-channel', maker: 'm\\u{1b}[31m', userNumber: '0042' });
  });
});
