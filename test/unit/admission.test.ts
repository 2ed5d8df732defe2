/** Who is let into a bay (M3, I7). */
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../config/schema.js';
import { admit } from '../../daemon/bay/admission.js';

const register = configSchema.shape.cameras.parse([{ id: 'A7', officer: '0042' }, { id: 'B7' }]);
const identity = { id: 'A7', source: 'protocol' } as const;
const refusal = (code: string) => expect.objectContaining({ code, retry: 'after-redocking' });

describe('a camera that wants in', () => {
  it('is let in with its entry of the register, also when this docking began with it', () => {
    expect(admit(identity, null, register)).toMatchObject({ id: 'A7', officer: '0042' });
    expect(admit(identity, 'A7', register)).toMatchObject({ id: 'A7' });
  });

  it('is refused when it is in no register', () => {
    expect(() => admit({ ...identity, id: 'X9' }, null, register)).toThrow(refusal('DOCK_CAMERA_NOT_REGISTERED'));
  });

  it('is another one when the docking began with one of another identity, registered or not', () => {
    expect(() => admit(identity, 'B7', register)).toThrow(refusal('DOCK_CAMERA_CHANGED_IDENTITY'));
    expect(() => admit({ ...identity, id: 'X9' }, 'B7', register)).toThrow(refusal('DOCK_CAMERA_CHANGED_IDENTITY'));
  });

  it('is refused with a card of another camera of the register, and only that', () => {
    expect(() => admit({ ...identity, othersNamed: ['DV16'] }, null, register)).not.toThrow();
    expect(() => admit({ ...identity, othersNamed: ['DV16', 'B7'] }, null, register)).toThrow(
      refusal('DOCK_CAMERA_NOT_THE_SAME'),
    );
  });
});
