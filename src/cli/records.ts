import { type CsvError, parse } from 'csv-parse/sync';
import { DataError, show } from '../runtime/errors.ts';

/** What a file says, before anybody has chosen columns. */
export interface Records {
  /** The columns, or the fields of the first line of JSONL. */
  columns: string[];
  records: { line: number; fields: Map<string, unknown> }[];
}

export interface TableFormat {
  delimiter: string;
  /** CSV: quotes may hold delimiters and line breaks. TSV: a line is a row. */
  quotes: boolean;
  /** Without a header the columns are called 1, 2, 3 … */
  header: boolean;
}

/**
 * Reads CSV or TSV; empty lines are skipped.
 * In TSV quotes are ordinary characters, but a field wholly inside quotes, as spreadsheets write it, loses them.
 * @throws DataError when a quote is out of place, or a row has not as many columns as the first
 */
export function parseTable(file: string, text: string, { delimiter, quotes, header }: TableFormat): Records {
  const lines = parseLines(file, text, delimiter, quotes);
  const first = lines[0]?.cells ?? [];
  const columns = header ? first : first.map((_, index) => `${index + 1}`);
  const records = lines.slice(header ? 1 : 0).map(({ cells, line }) => {
    if (cells.length !== first.length) {
      throw new DataError(`${file}, line ${line}`, {
        expected: `${first.length} columns, as in ${header ? 'the header' : 'the first row'}`,
        got: `${cells.length}`,
        cause: quotes
          ? `A text with ${show(delimiter)} in it must stand in quotes.`
          : 'A text in a .tsv file may hold neither tabs nor line breaks: write a .csv file for those.',
      });
    }
    return { line, fields: new Map<string, unknown>(cells.map((cell, index) => [columns[index], cell])) };
  });
  return { columns, records };
}

function parseLines(file: string, text: string, delimiter: string, quotes: boolean) {
  try {
    const parsed = parse(text, {
      delimiter,
      quote: quotes ? '"' : null,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    // `lines` is the line on which a record ends.
    return parsed.map(({ record, info }) => ({
      line: info.lines - record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0),
      cells: quotes ? record : record.map(unquote),
    }));
  } catch (error) {
    throw csvError(file, text, error as CsvError);
  }
}

function unquote(cell: string): string {
  const inside = cell.slice(1, -1);
  const isQuoted = cell.length > 1 && cell === `"${inside}"` && !inside.replaceAll('""', '').includes('"');
  return isQuoted ? inside.replaceAll('""', '"') : cell;
}

function csvError(file: string, text: string, error: CsvError): unknown {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    // `bytes` ends with the last whole row.
    const before = Buffer.from(text).toString('utf8', 0, error.bytes as number);
    const blank = /^\n*/.exec(text.slice(before.length))![0];
    const line = `${before}${blank}`.split('\n').length;
    return new DataError(`${file}, line ${line}: a quote opens in this row and never closes`);
  }
  if (!/QUOTE/.test(error.code)) return error;
  return new DataError(`${file}, line ${error.lines}: a quote is out of place`, {
    cause: 'A text with quotes stands in quotes, and each quote inside is written twice: "a ""great"" film".',
  });
}

/**
 * Reads JSON lines: one object a line; empty lines are skipped.
 * @throws DataError when a line is no JSON object
 */
export function parseJsonLines(file: string, text: string): Records {
  const records = text.split('\n').flatMap((json, index) => {
    if (json.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {}
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const where = `${file}, line ${index + 1}`;
      throw new DataError(where, { expected: 'one JSON object a line', got: show(json) });
    }
    return [{ line: index + 1, fields: new Map(Object.entries(value)) }];
  });
  return { columns: [...(records[0]?.fields.keys() ?? [])], records };
}
