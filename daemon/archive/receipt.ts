/**
 * The receipt beside a recording: one line that `sha256sum -c` of GNU coreutils checks. Pure.
 */

/**
 * @param sha256 lower-case hex
 * @param name of the file, without folder. Where it has a backslash, newline or carriage return, coreutils escapes these
 * and begins the line with a backslash.
 */
export function receiptLine(sha256: string, name: string): string {
  const escaped = name.replace(/[\\\n\r]/g, (character) =>
    character === '\n' ? '\\n' : character === '\r' ? '\\r' : '\\\\',
  );
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`;
}
