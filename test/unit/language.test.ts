/** Every text that users read is there in both languages, and every code has one. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeError, errorTexts } from '../../daemon/language/errors.js';
import { type MessageKey, messages, placeholders, say } from '../../daemon/language/messages.js';
import { DockError } from '../../drivers/contract/error.js';

interface Source {
  readonly file: string;
  readonly text: string;
}

const sources: Source[] = ['daemon', 'drivers', 'config']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
  .filter((file) => /\.c?ts$/.test(file))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
/** What raises errors and writes lines: everything but the tables of texts themselves. */
const speaking = sources.filter(({ file }) => !file.startsWith('daemon/language/'));

describe('error codes', () => {
  it('all have a text', () => {
    const used = speaking.flatMap(({ file, text }) =>
      (text.match(/(?<=['"`])DOCK_[A-Z0-9_]*[A-Z0-9](?=['"`])/g) ?? []).map((code) => ({ code, file })),
    );
    expect(used.filter(({ code }) => !(code in errorTexts))).toEqual([]);
    expect(used.length).toBeGreaterThan(20);
  });

  it('with a text are all raised somewhere', () => {
    const unused = Object.keys(errorTexts).filter((code) => !speaking.some(({ text }) => text.includes(`'${code}'`)));
    expect(unused).toEqual([]);
  });

  it('belong to one area each', () => {
    const codes = sources
      .filter(({ file }) => file.startsWith('daemon/language/'))
      .flatMap(({ text }) => text.match(/^ {2}DOCK_[A-Z0-9_]+(?=:)/gm) ?? []);
    expect(codes.toSorted()).toEqual([...new Set(codes)].toSorted());
  });
});

describe('messages', () => {
  const keys = Object.keys(messages) as MessageKey[];

  it('are all used', () => {
    // Views build keys such as `status.light.${light}`: what stands before the first value is the part that is written.
    const prefixes = speaking.flatMap(({ text }) =>
      [...text.matchAll(/`([a-z-]+(?:\.[a-z-]+)*\.)\$\{/g)].map(([, prefix]) => prefix ?? ''),
    );
    const isBuilt = (key: string): boolean => prefixes.some((prefix) => key.startsWith(prefix));
    const isWritten = (key: string): boolean => speaking.some(({ text }) => text.includes(`'${key}'`));
    expect(keys.filter((key) => !isWritten(key) && !isBuilt(key))).toEqual([]);
  });

  it('have the same placeholders in both languages', () => {
    const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([name]) => name).toSorted();
    const differing = keys.filter((key) => names(messages[key].en).join() !== names(messages[key]['zh-CN']).join());
    expect(differing).toEqual([]);
  });

  it('show a placeholder that nothing was given for', () => {
    expect(say('en', 'service.started', { service: 'x' })).toBe('Service x started in {tookMs} ms');
    expect([...placeholders('service.started')]).toEqual(['service', 'tookMs']);
    expect(say('zh-CN', 'service.started', { service: '{tookMs}', tookMs: 0 })).toBe(
      '服务 {tookMs} 已启动，用时 0 毫秒',
    );
  });
});

describe('both languages', () => {
  const texts = [
    ...Object.entries(messages).map(([key, { en, 'zh-CN': zh }]) => ({ key, en, zh })),
    ...Object.entries(errorTexts).map(([key, { en, 'zh-CN': zh, todo }]) => ({ key, en, zh: `${zh}${todo['zh-CN']}` })),
  ];

  it('are written: Chinese in Chinese, English in ASCII', () => {
    // Placeholders and punctuation alone are in no language, names (USB, Node.js) in both.
    const worded = texts.filter(({ en, zh }) => en !== zh && /[a-z]/i.test(en.replaceAll(/\{\w+\}/g, '')));
    expect(worded.filter(({ zh }) => !/\p{Script=Han}/u.test(zh)).map(({ key }) => key)).toEqual([]);
    expect(texts.filter(({ en }) => en.trim() === '' || /\p{Script=Han}/u.test(en)).map(({ key }) => key)).toEqual([]);
  });

  it('use the punctuation of their language', () => {
    // A comma, colon, semicolon, question mark or bracket beside a Chinese character is the full-width one.
    const wrong = texts.filter(({ zh }) =>
      /\p{Script=Han}[,;?!(]|\p{Script=Han}:(?!\p{Script=Han}*[）)])|[,;?!)]\p{Script=Han}/u.test(zh),
    );
    expect(wrong.map(({ key }) => key)).toEqual([]);
  });
});

describe('an error in one line', () => {
  const error = new DockError('DOCK_BOOT_ID', { expected: 'a', found: 'b', todo: 'Do c', retry: 'never' });

  it('says what happened, what was expected and found, what to do, and the code', () => {
    expect(describeError('en', error)).toBe(
      'The boot id of the kernel cannot be read (expected a; found b). Do c. [DOCK_BOOT_ID]',
    );
    expect(describeError('zh-CN', error)).toBe(
      '无法读取内核启动标识（应为：a；实为：b）。请挂载 /proc 并允许本服务读取（ProcSubset=all）。[DOCK_BOOT_ID]',
    );
  });

  it('keeps what is known of a code without a text, and of anything else that was thrown', () => {
    const unknown = new DockError('DOCK_NOT_WRITTEN', { expected: 'a', found: 'b', todo: 'Do c', retry: 'never' });
    expect(describeError('zh-CN', unknown)).toBe('DOCK_NOT_WRITTEN（应为：a；实为：b）。Do c。[DOCK_NOT_WRITTEN]');
    expect(describeError('en', new TypeError('x'))).toBe('x');
    expect(describeError('en', 'thrown text')).toBe('thrown text');
  });
});
