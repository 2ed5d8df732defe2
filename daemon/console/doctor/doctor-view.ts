/** The doctor's findings for people: the verdict first, what to do below. Pure. */
import { type Language, say } from '../../language/messages.js';
import { type Line, line, span, type Tone } from '../line.js';
import type { Look } from '../look.js';
import { columnsOf, wrapped } from '../width.js';
import type { CheckResult } from './check.js';

const tones: Readonly<Record<CheckResult['verdict'], Tone>> = {
  ok: 'green',
  warn: 'amber',
  fail: 'red',
  skipped: 'dim',
};

export function doctorView(results: readonly CheckResult[], { language, columns }: Look): Line[] {
  const verdicts = new Map(results.map(({ verdict }) => [verdict, say(language, `doctor.verdict.${verdict}`)]));
  const verdictColumns = Math.max(...[...verdicts.values()].map(columnsOf));
  const lines = results.flatMap((result): Line[] => {
    const verdict = verdicts.get(result.verdict) ?? result.verdict;
    const indent = ' '.repeat(verdictColumns + 2);
    const room = columns - indent.length;
    const title = result.name.replace(result.what, say(language, `doctor.what.${result.what}`));
    const text = span(`${title}${language === 'en' ? ': ' : '：'}${result.found}`).text;
    const [first = '', ...rest] = wrapped(text, room);
    const padding = ' '.repeat(verdictColumns - columnsOf(verdict) + 2);
    return [
      line(span(`${verdict}${padding}`, tones[result.verdict]), first),
      ...rest.map((part) => line(indent, part)),
      ...(result.todo === null
        ? []
        : wrapped(span(`→ ${result.todo}`).text, room).map((part) => line(indent, span(part, 'strong')))),
    ];
  });
  return [...lines, line(), summary(results, language)];
}

function summary(results: readonly CheckResult[], language: Language): Line {
  const number = (verdict: CheckResult['verdict']): number =>
    results.filter((result) => result.verdict === verdict).length;
  const fields = { ok: number('ok'), warn: number('warn'), fail: number('fail'), skipped: number('skipped') };
  const tone = fields.fail > 0 ? 'red' : fields.warn > 0 ? 'amber' : 'green';
  return line(span(say(language, 'doctor.summary', fields), tone));
}
