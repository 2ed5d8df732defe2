import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockBytes,
  decodeInformation,
  gbkText,
  informationLayouts,
} from '../../drivers/camera/standard/information-block.js';
import { assertDone } from '../../drivers/camera/standard/result.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { encodeInformation } from '../../drivers/simulated/standard-block.js';
import { meetFirst } from '../support/hostile.js';
import { informationBlocks } from '../support/standard-hostile.js';

/** 张伟 and 市场监管局 in GBK. */
const zhangWei = Buffer.from('d5c5cea6'.replace('cea6', 'ceb0'), 'hex');
const bureau = Buffer.from('cad0b3a1bce0b9dcbed6', 'hex');
const ascii = (text: string): Buffer => Buffer.from(text, 'ascii');

describe('the standard information block', () => {
  it('is 89 bytes packed and 94 with terminators', () => {
    expect(blockBytes(informationLayouts.packed)).toBe(89);
    expect(blockBytes(informationLayouts.terminated)).toBe(94);
  });

  it.each(['packed', 'terminated'] as const)('says who and where in the %s layout', (layout) => {
    const fields = [ascii('A700012'), ascii('003217'), zhangWei, ascii('310115000000'), bureau];
    expect(decodeInformation(encodeInformation(informationLayouts[layout], fields))).toEqual({
      serial: 'A700012',
      userNumber: '003217',
      userName: '张伟',
      unitNumber: '310115000000',
      unitName: '市场监管局',
    });
  });

  it('leaves out the half of a character that the field’s end cut off', () => {
    // Sixteen characters and a half: the first byte of the seventeenth is the last of 33.
    const long = Buffer.concat([ascii('x'), ...Array.from({ length: 17 }, () => zhangWei.subarray(0, 2))]);
    const fields = [ascii('A7'), ascii(''), long, ascii(''), ascii('')];
    expect(decodeInformation(encodeInformation(informationLayouts.packed, fields)).userName).toBe(
      `x${'张'.repeat(15)}`,
    );
    expect(gbkText(Buffer.from([0x41, 0xd5]))).toBe('A');
    expect(gbkText(Buffer.from([0xd5, 0xc5, 0xd5]))).toBe('张');
    // A second byte that looks like a first one belongs to its character.
    expect(gbkText(Buffer.from([0x81, 0xfe]))).toHaveLength(1);
  });

  it('ends a field at its first NUL, whatever firmware left behind it', () => {
    expect(gbkText(Buffer.from('41420043', 'hex'))).toBe('AB');
  });

  it('never takes a byte of the next field, never throws for what a field holds, and is refused in any other length (I11)', () =>
    meetFirst(2_000, informationBlocks));

  it('says the same of a text however far it was cut, up to whole characters (property)', () => {
    const character = fc.constantFrom(...['A', '7', '张', '伟', '市', '场'].map((one) => one));
    const encoded: Record<string, Buffer> = {
      A: ascii('A'),
      '7': ascii('7'),
      张: zhangWei.subarray(0, 2),
      伟: zhangWei.subarray(2),
      市: bureau.subarray(0, 2),
      场: bureau.subarray(2, 4),
    };
    fc.assert(
      fc.property(fc.array(character, { maxLength: 30 }), fc.nat(60), (text, cutAt) => {
        const bytes = Buffer.concat(text.map((one) => encoded[one] ?? Buffer.alloc(0)));
        const shown = gbkText(bytes.subarray(0, cutAt));
        expect(text.join('').startsWith(shown)).toBe(true);
        const whole = [...shown].reduce((sum, one) => sum + (encoded[one]?.length ?? 0), 0);
        expect(Math.min(cutAt, bytes.length) - whole).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('result codes of the standard functions', () => {
  it('are not success because they are above 0', () => {
    for (const done of [0, 1, 3, 5, 7]) expect(() => assertDone(done, verbatim('x'))).not.toThrow();
    expect(() => assertDone(4, verbatim('x'))).toThrow(expect.objectContaining({ code: 'DOCK_CAMERA_PASSWORD' }));
    expect(() => assertDone(8, verbatim('x'))).toThrow(
      expect.objectContaining({ code: 'DOCK_CAMERA_DISK_MODE_REFUSED', retry: 'now' }),
    );
    for (const wrong of [2, 6, 9, 102, 255]) {
      expect(() => assertDone(wrong, verbatim('x'))).toThrow(
        expect.objectContaining({ code: 'DOCK_CAMERA_COMMAND_REFUSED' }),
      );
    }
  });
});
