import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalBytes,
  canonicalText,
  ecmaNumber,
  exactNumber,
  type JsonValue,
} from '../../daemon/custody/canonical.js';

/** Any JSON document that has a canonical form: what fast-check makes, without the integers that I-JSON warns of. */
const document = fc
  .jsonValue({ maxDepth: 5 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)
  .filter((value) => wholeNumbersAreSafe(value));

function wholeNumbersAreSafe(value: JsonValue): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((item: JsonValue) => wholeNumbersAreSafe(item));
}

/** The same members, written in the opposite order. */
function reversed(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: JsonValue) => reversed(item));
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]: [string, JsonValue]) => [name, reversed(item)]),
  );
}

const code = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('canonical JSON (RFC 8785)', () => {
  it('writes the example of section 3.2.2', () => {
    const example = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    );
    expect(canonicalText(example, ecmaNumber)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts names by UTF-16 code units, as the example of section 3.2.3', () => {
    const example = JSON.parse(
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",' +
        '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    );
    expect(Object.values(JSON.parse(canonicalText(example)))).toContain('One');
    expect([...canonicalText(example).matchAll(/:"([^"]+)"/g)].map(([, text]) => text)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number %s of appendix B as %s', (bits, text) => {
    expect(canonicalText(Buffer.from(bits, 'hex').readDoubleBE(0), ecmaNumber)).toBe(text);
  });

  it('is the same whatever the order of the members', () => {
    fc.assert(fc.property(document, (value) => canonicalText(reversed(value)) === canonicalText(value)));
  });

  it('comes out the same when it is read and written again, so that stored bytes can be proved canonical', () => {
    fc.assert(
      fc.property(document, (value) => {
        const bytes = canonicalBytes(value);
        const read = JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonValue;
        expect(read).toEqual(JSON.parse(JSON.stringify(value)));
        expect(Buffer.from(canonicalBytes(read)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('refuses what another reader could take for something else (I11)', () => {
    const invalid = 'DOCK_LEDGER_ENTRY_INVALID';
    const deep = JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`);
    const strange: unknown[] = [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), 1e21, '\ud800', 'a\udc00b'];
    for (const value of [...strange, undefined, 1n, new Date(0), new Map(), { a: undefined }, { '\ud800': 1 }, deep]) {
      expect(
        code(() => canonicalText(value as JsonValue)),
        String(value),
      ).toBe(invalid);
    }
  });

  it('takes whole numbers up to 2^53 − 1, fractions, and minus zero as zero', () => {
    expect([2 ** 53 - 1, -(2 ** 53 - 1), 0.1, -0, 1e-9].map((value) => canonicalText(value))).toEqual([
      '9007199254740991',
      '-9007199254740991',
      '0.1',
      '0',
      '1e-9',
    ]);
    expect(code(() => exactNumber(2 ** 60))).toBe('DOCK_LEDGER_ENTRY_INVALID');
  });
});
