/** JSON as text that is safe on a terminal: what JSON leaves alone, a terminal may obey (I11). Pure. */

/** Controls of C1, format and direction characters, line separators; JSON.stringify escapes only C0. */
const obeyed = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  let text = '';
  for (let index = 0; index < character.length; index++) {
    text += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return text;
}

/** `indent`: 0 for one line. The same document for every reader of JSON. */
export function jsonText(value: unknown, indent = 2): string {
  return (JSON.stringify(value, null, indent) ?? 'null').replace(obeyed, escaped);
}
