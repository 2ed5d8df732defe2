/** Every text that users read is there in both languages, and every code has one. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeError, errorTexts } from '../../daemon/language/errors.js';
import { type MessageKey, messages, placeholders, say } from '../../daemon/language/messages.js';
import { phraseTables, translated } from '../../daemon/language/phrases.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase, verbatim } from '../../drivers/contract/phrase.js';

interface Source {
  readonly file: string;
  readonly text: string;
}

const sources: Source[] = ['daemon', 'drivers', 'config']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
  .filter((file) => /\.c?ts$/.test(file))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
/** What raises errors and writes lines: everything but the tables of texts themselves. */
const speaking = sources.filter(
  ({ file }) => !file.startsWith('daemon/language/') && file !== 'drivers/contract/phrase.ts',
);

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
      .filter(({ file }) => file.startsWith('daemon/language/') && file !== 'drivers/contract/phrase.ts')
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
    const names = (text: string): string[] =>
      [...text.matchAll(/\{(\w+)(?::phrase)?\}/g)].map(([, name]) => name ?? '').toSorted();
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

describe('phrases', () => {
  const table = phraseTables.flatMap((area) => Object.entries(area));
  const written = new Set(speaking.flatMap(({ text }) => templatesIn(text)));

  it('all have a Chinese text', () => {
    const known = new Set(table.map(([english]) => english));
    expect([...written].filter((template) => /[a-z]/i.test(template) && !known.has(template))).toEqual([]);
    expect(written.size).toBeGreaterThan(400);
  });

  it('with a Chinese text are all said somewhere', () => {
    expect(table.map(([english]) => english).filter((english) => !written.has(english))).toEqual([]);
  });

  it('belong to one area each', () => {
    const all = table.map(([english]) => english);
    expect(all.toSorted()).toEqual([...new Set(all)].toSorted());
  });

  it('show the same values in both languages', () => {
    const numbers = (text: string): string =>
      [...text.matchAll(/\{(\d)/g)]
        .map(([, number]) => number)
        .sort()
        .join();
    expect(table.filter(([english, chinese]) => numbers(english) !== numbers(chinese))).toEqual([]);
  });

  it('are recognised with their values, whatever these are', () => {
    const mistaken = table.flatMap(([english, chinese]) => {
      // `none` is a phrase itself, the others are paths, names and numbers; brackets and dots must not be taken for a pattern.
      return ['7', '/srv/a.b-1', 'C0101', '$& {1} [x]'].flatMap((value) => {
        const inner = (kind: string | undefined): string => (kind === 'phrase' ? 'none' : value);
        const kinds = new Map(
          [...chinese.matchAll(/\{(\d)(?::(phrase|any))?\}/g)].map(([, number, kind]) => [number, kind]),
        );
        const text = english.replaceAll(/\{(\d)\}/g, (_, number: string) => inner(kinds.get(number)));
        const said = chinese.replaceAll(/\{\d(?::(phrase|any))?\}/g, (_, kind?: string) =>
          kind === 'phrase' ? '无' : value,
        );
        return translated('zh-CN', text) === said ? [] : [{ text, said, instead: translated('zh-CN', text) }];
      });
    });
    expect(mistaken).toEqual([]);
  });

  it('are said within each other, whichever they are', () => {
    // As a configuration error does: what was found, and where; what was expected, and what the option means.
    const mistaken = table.flatMap(([english, chinese]) => {
      if (/:(phrase|any)\}/.test(chinese)) return [];
      const [en, zh] = [english, chinese].map((text) => text.replaceAll(/\{\d\}/g, '7'));
      const pairs = [
        [`${en} at /etc/c.yaml:3:5 (dock.id)`, `${zh}，位于 /etc/c.yaml:3:5（dock.id）`],
        [`${en} (file /var/ledger.db)`, `${zh}（文件 /var/ledger.db）`],
        [`${en} (worker threads, 1–16)`, `${zh}（采集线程数，1–16）`],
        [`${en}; rtc: none`, `${zh}；rtc：未安装`],
      ];
      return pairs.filter(([text = '', said]) => translated('zh-CN', text) !== said).map(([text]) => text);
    });
    expect(mistaken).toEqual([]);
  });

  it('are said within each other in any depth', () => {
    const list = phrase`${phrase`timesyncd: ${phrase`not synchronised since the clock was set`}`}; ${phrase`rtc: none`}`;
    expect(translated('zh-CN', list)).toBe('timesyncd：时钟被调整后尚未同步；rtc：未安装');
    expect(translated('en', list)).toBe(list);
    expect(translated('zh-CN', 'one of 9600, 19200 (worker threads, 1–16)')).toBe(
      '以下之一：9600, 19200（采集线程数，1–16）',
    );
  });

  it('are all that is translated: names, paths and messages of the system stay as they are', () => {
    for (const text of ['X9001', '/srv/archive (old)', 'EIO: i/o error, read', 'a; b', 'held by x from y', '']) {
      expect(translated('zh-CN', text)).toBe(text);
    }
  });

  it('cost little, however long and hostile the text is (I11)', () => {
    // CPU time: how long it takes is the matter of whatever else the machine does.
    const began = process.cpuUsage();
    for (const part of ['; ', ' at :', ', ', ' (', ' from ', 'none; '])
      translated('zh-CN', part.repeat(4_000 / part.length));
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });
});

/** The templates of the phrases in a source text: `phrase\`of ${size}\`` has `of {1}`. */
function templatesIn(source: string): string[] {
  return [...source.matchAll(/\bphrase`/g)].map(({ index }) => {
    let template = '';
    let values = 0;
    for (let at = index + 'phrase`'.length; source[at] !== '`'; at++) {
      if (source.startsWith('${', at)) {
        at = endOfValue(source, at);
        template += `{${++values}}`;
      } else if (source[at] === '\\') template += source[++at];
      else template += source[at];
    }
    return template;
  });
}

/** Where the braces that open at `${` close again. */
function endOfValue(source: string, from: number): number {
  let depth = 0;
  for (let at = from + 1; ; at++) {
    if (source[at] === '{') depth += 1;
    else if (source[at] === '}' && --depth === 0) return at;
  }
}

describe('both languages', () => {
  const texts = [
    ...phraseTables.flatMap((area) => Object.entries(area)).map(([en, zh]) => ({ key: en, en, zh })),
    ...Object.entries(messages).map(([key, { en, 'zh-CN': zh }]) => ({ key, en, zh })),
    ...Object.entries(errorTexts).map(([key, { en, 'zh-CN': zh }]) => ({ key, en, zh })),
  ];

  it('are written: Chinese in Chinese, English in ASCII', () => {
    // Placeholders and punctuation alone are in no language, names (USB, Node.js) in both.
    const worded = texts.filter(
      ({ en, zh }) => en !== zh && !/:(phrase|any)\}/.test(zh) && /[a-z]/i.test(en.replaceAll(/\{\w+\}/g, '')),
    );
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
  const error = new DockError('DOCK_BOOT_ID', {
    expected: phrase`a boot id in ${'/proc/b'}`,
    found: verbatim('b'),
    todo: phrase`Mount /proc and allow the service to read it (ProcSubset=all)`,
    retry: 'never',
  });

  it('says what happened, what was expected and found, what to do, and the code', () => {
    expect(describeError('en', error)).toBe(
      'The boot id of the kernel cannot be read (expected a boot id in /proc/b; found b). Mount /proc and allow the service to read it (ProcSubset=all). [DOCK_BOOT_ID]',
    );
    expect(describeError('zh-CN', error)).toBe(
      '无法读取内核启动标识（应为：/proc/b 中的内核启动标识；实为：b）。请挂载 /proc 并允许本服务读取（ProcSubset=all）。[DOCK_BOOT_ID]',
    );
  });

  it('is said in Chinese where it came as one text, as in the state of a cradle', () => {
    expect(translated('zh-CN', error.message)).toBe(
      'DOCK_BOOT_ID（应为：/proc/b 中的内核启动标识；实为：b）。请挂载 /proc 并允许本服务读取（ProcSubset=all）。',
    );
  });

  it('keeps what is known of a code without a text, and of anything else that was thrown', () => {
    const unknown = new DockError('DOCK_NOT_WRITTEN', {
      expected: verbatim('a'),
      found: verbatim('b'),
      todo: verbatim('Do c'),
      retry: 'never',
    });
    expect(describeError('zh-CN', unknown)).toBe('DOCK_NOT_WRITTEN（应为：a；实为：b）。Do c。[DOCK_NOT_WRITTEN]');
    expect(describeError('en', new TypeError('x'))).toBe('x');
    expect(describeError('en', 'thrown text')).toBe('thrown text');
  });
});
