// Semantic roles in the brackets of CoNLL 2005: a column a predicate, `(ARG0*` … `*)` round each of its arguments.
import { DataError, show } from '../runtime/errors.ts';
import type { Line } from './conll.ts';

/** Words that stand before and behind a predicate: they tell a tagger whose roles are asked for. */
export const PREDICATE = ['<v>', '</v>'] as const;

/** What a bracket column calls the predicate itself. */
const VERB = 'V';

/**
 * A row for each predicate: the words with the predicate between `<v>` and `</v>`, and their roles as `B-ARG0`,
 * `I-ARG0`, … and `O`. The predicate and its marks are `O`, as they are given.
 * @param lines of the sentence @param first the column of the first predicate, counted from 1
 * @throws DataError naming the line of a bracket that opens or closes out of turn
 */
export function readRoles(
  file: string,
  words: readonly string[],
  lines: readonly Line[],
  first: number,
): { words: string[]; tags: string[] }[] {
  const numPredicates = lines[0].cells.length - first + 1;
  return Array.from({ length: Math.max(0, numPredicates) }, (_, predicate) => {
    const column = first - 1 + predicate;
    const roles = readBrackets(file, lines, column);
    const from = roles.indexOf(`B-${VERB}`);
    if (from < 0) {
      throw new DataError(`${file}, line ${lines[0].line}`, {
        expected: `a predicate, (${VERB}*), in column ${column + 1} of the sentence`,
        got: 'none',
      });
    }
    const behind = roles.findIndex((role, i) => i > from && role !== `I-${VERB}`);
    const to = behind < 0 ? roles.length : behind;
    const tags = roles.map((role) => (role.slice(2) === VERB ? 'O' : role));
    return {
      words: [
        ...words.slice(0, from),
        PREDICATE[0],
        ...words.slice(from, to),
        PREDICATE[1],
        ...words.slice(to),
      ],
      tags: [...tags.slice(0, from), 'O', ...tags.slice(from, to), 'O', ...tags.slice(to)],
    };
  });
}

/** A column of brackets as B-, I- and O. */
function readBrackets(file: string, lines: readonly Line[], column: number): string[] {
  let open: string | undefined;
  const tags = lines.map(({ line, cells }) => {
    const cell = cells[column]?.trim();
    const found = /^(?:\(([^()*]+))?\*(\))?$/.exec(cell ?? '');
    const [, opened, closed] = found ?? [];
    if (!found || (opened && open) || (closed && !opened && !open)) {
      throw new DataError(`${file}, line ${line}, column ${column + 1}`, {
        expected: open ? `* or *), as (${open}* is open` : '*, (ROLE* or (ROLE*)',
        got: show(cell),
        cause: 'Roles are read from the brackets of CoNLL 2005, one column a predicate.',
      });
    }
    const role = opened ?? open;
    const tag = role === undefined ? 'O' : `${opened ? 'B' : 'I'}-${role}`;
    open = closed ? undefined : role;
    return tag;
  });
  if (open === undefined) return tags;
  throw new DataError(`${file}, line ${lines[lines.length - 1].line}, column ${column + 1}`, {
    expected: `*) to close (${open}*`,
    got: 'the end of the sentence',
  });
}
