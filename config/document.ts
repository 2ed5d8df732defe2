/**
 * YAML text to plain values, with the place of each; the one importer of `yaml`.
 *
 * Answerable for: whatever the text is, parsing ends soon, in little memory, and says where it failed. Must never
 * interpret what an option means.
 */
import { Composer, type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, Parser } from 'yaml';
import { messageOf } from '../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../drivers/contract/phrase.js';

export type Path = readonly (string | number)[];

/** 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxProblem {
  readonly place: Place;
  readonly expected: Phrase;
  readonly found: Phrase;
}

export interface ParsedDocument {
  /** Plain value; undefined where there are problems. */
  readonly value: unknown;
  readonly problems: readonly SyntaxProblem[];
  /** The place of the option, or of the nearest thing around it that is written in the file. */
  place(path: Path): Place;
  /** The place of the name of the option rather than of its value. */
  placeOfName(path: Path): Place;
  /** The document for an edit that keeps comments and order (migration). */
  readonly edit: ConfigEdit;
}

/** What a migration step may do to a document. Comments and order of what it leaves alone are kept. */
export interface ConfigEdit {
  has(path: Path): boolean;
  get(path: Path): unknown;
  set(path: Path, value: unknown): void;
  delete(path: Path): void;
  /** Moves a value with its comments; does nothing where there is none. */
  move(from: Path, to: Path): void;
  text(): string;
}

/** Deeper than any configuration, far less than what exhausts the stack: 785 levels end the process in yaml 2.9 (seen). */
const DEEPEST = 32;

/** Uses of one anchor: more is a mistake, or an attack that unfolds into gigabytes. */
const MOST_ALIASES = 100;

export function parseYaml(text: string): ParsedDocument {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  // Composing is recursive, parsing is not: depth is measured in between, without recursion.
  const tooDeep = offsetBelow(tokens, DEEPEST);
  if (tooDeep !== undefined) {
    const problem = { place: at(tooDeep), expected: phrase`at most ${DEEPEST} levels of nesting`, found: phrase`more` };
    return emptyDocument([problem]);
  }
  const documents = [
    ...new Composer({ uniqueKeys: true, strict: true, stringKeys: true, version: '1.2' }).compose(
      tokens,
      true,
      text.length,
    ),
  ];
  const [document, second] = documents;
  if (document === undefined) return emptyDocument([]);
  const problems: SyntaxProblem[] = document.errors.map((error) => ({
    place: at(error.pos[0]),
    ...(syntaxTexts[error.code] ?? { expected: verbatim('YAML 1.2'), found: verbatim(firstLine(error.message)) }),
  }));
  for (const warning of document.warnings) {
    problems.push({
      place: at(warning.pos[0]),
      expected: phrase`plain values without tags`,
      found: verbatim(firstLine(warning.message)),
    });
  }
  if (second !== undefined) {
    problems.push({
      place: at(second.range[0]),
      expected: phrase`one YAML document`,
      found: phrase`a second one after ---`,
    });
  }
  let value: unknown;
  if (problems.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: MOST_ALIASES });
    } catch (error) {
      const found = error instanceof ReferenceError ? phrase`aliases that unfold into much more` : messageOf(error);
      problems.push({
        place: { line: 1, column: 1 },
        expected: phrase`at most ${MOST_ALIASES} uses of an anchor`,
        found,
      });
    }
  }
  return {
    value,
    problems,
    place: (path) => at(offsetOf(document, path, false)),
    placeOfName: (path) => at(offsetOf(document, path, true)),
    edit: editOf(document),
  };
}

const syntaxTexts: Readonly<Record<string, Omit<SyntaxProblem, 'place'>>> = {
  DUPLICATE_KEY: { expected: phrase`each option once`, found: phrase`the same option a second time` },
  TAB_AS_INDENT: { expected: phrase`spaces at the beginning of the line`, found: phrase`a tab` },
  BAD_INDENT: {
    expected: phrase`every bracket closed, and what is in it indented`,
    found: phrase`one that stays open, or a line that is indented too little`,
  },
  MISSING_CHAR: { expected: phrase`quotes and brackets in pairs`, found: phrase`one that is not closed` },
  BLOCK_AS_IMPLICIT_KEY: {
    expected: phrase`one option on a line, indented like the others of its group`,
    found: phrase`an option within the value of another`,
  },
  MULTILINE_IMPLICIT_KEY: {
    expected: phrase`a colon after the name of an option, on the same line`,
    found: phrase`a line without one, or one that is indented too far`,
  },
  UNEXPECTED_TOKEN: {
    expected: phrase`the options of a group indented alike`,
    found: phrase`what does not belong to the group before it`,
  },
  BAD_SCALAR_START: {
    expected: phrase`quotes around text that begins with a reserved character`,
    found: phrase`text without them`,
  },
  MULTIPLE_DOCS: { expected: phrase`one YAML document`, found: phrase`a second one after ---` },
};

function emptyDocument(problems: readonly SyntaxProblem[]): ParsedDocument {
  const start: Place = { line: 1, column: 1 };
  const nothing = new Composer().compose([], true, 0).next().value as Document.Parsed;
  return { value: undefined, problems, place: () => start, placeOfName: () => start, edit: editOf(nothing) };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

/** Offset of the first token nested deeper than `deepest`; walks the syntax tree with a stack of its own. */
function offsetBelow(tokens: readonly unknown[], deepest: number): number | undefined {
  const open = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (typeof token !== 'object' || token === null) continue;
    if (depth > deepest) return 'offset' in token && typeof token.offset === 'number' ? token.offset : 0;
    if ('value' in token) open.push({ token: token.value, depth });
    if (!('items' in token) || !Array.isArray(token.items)) continue;
    for (const item of token.items)
      open.push({ token: item.key, depth: depth + 1 }, { token: item.value, depth: depth + 1 });
  }
  return undefined;
}

function offsetOf(document: Document.Parsed, path: Path, ofName: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    let name: unknown;
    let value: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? key.value === step : key === step));
      if (pair === undefined || !isPair(pair)) return offset;
      name = pair.key;
      value = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      value = node.items[step];
    } else {
      return offset;
    }
    const last = index === path.length - 1;
    const found = (last && ofName ? startOf(name) : startOf(value)) ?? startOf(name);
    if (found === undefined) return offset;
    offset = found;
    node = value;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function editOf(document: Document): ConfigEdit {
  return {
    has: (path) => document.hasIn(path),
    get: (path) => {
      const node = document.getIn(path, true);
      return isNode(node) ? node.toJS(document) : node;
    },
    // A plain value is put into the node that is there, which keeps the comment behind it.
    set: (path, value) => document.setIn(path, typeof value === 'object' ? document.createNode(value) : value),
    delete: (path) => {
      document.deleteIn(path);
    },
    move: (from, to) => {
      if (!document.hasIn(from)) return;
      const node = document.getIn(from, true);
      document.deleteIn(from);
      document.setIn(to, node);
    },
    text: () => document.toString({ lineWidth: 0 }),
  };
}
