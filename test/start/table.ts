/** The table of wrong settings as docs/troubleshooting.md shows it: exactly the rows that are tested. */
import { oldNodes, wrongMachines } from './machine.ts';
import { wrongPoolers } from './pooler.ts';
import { wrongDatabases } from './postgres.ts';
import { doubtfulRedis, wrongRedis } from './redis.ts';
import { wrongValues } from './values.ts';
import type { WrongSetting } from './wrong-settings.ts';

const sections: readonly { title: string; rows: readonly WrongSetting[] }[] = [
  { title: 'PostgreSQL', rows: [...wrongDatabases, ...wrongPoolers] },
  { title: 'Redis', rows: wrongRedis },
  { title: 'Redis: starts and logs a warning', rows: doubtfulRedis },
  { title: 'This machine', rows: [...wrongMachines, ...oldNodes] },
  { title: 'Values', rows: valuesShown(false) },
  { title: 'Values, in production', rows: valuesShown(true) },
];

function valuesShown(production: boolean): WrongSetting[] {
  const rows = wrongValues.filter((row) => row.production === production);
  return rows.map((row) => ({ ...row, given: row.given === '' ? 'nothing' : `\`${row.given}\`` }));
}

/** The text between the markers of the document. */
export function troubleshooting(): string {
  return sections.map(({ title, rows }) => `## ${title}\n${tableOf(rows)}`).join('\n\n');
}

function tableOf(rows: readonly WrongSetting[]): string {
  const lines = mergeRows(rows).map(
    ({ setting, given, sentence }) => `| \`${setting}\` | ${cell(given)} | ${cell(sentence)} |`,
  );
  return ['| setting | its value, or what it points to | message in the terminal |', '|---|---|---|', ...lines].join(
    '\n',
  );
}

/** Merges rows that end in the same message. */
function mergeRows(rows: readonly WrongSetting[]): WrongSetting[] {
  const bySentence = Map.groupBy(rows, ({ setting, sentence }) => `${setting} ${sentence}`);
  return [...bySentence.values()].map((same) => ({
    ...same[0]!,
    given: same.map(({ given }) => given).join(', '),
  }));
}

/** Escapes Markdown: `*` and `<` outside of code, `|` everywhere in a table. */
function cell(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[*<>]/g, String.raw`\$&`)))
    .join('`')
    .replaceAll('|', String.raw`\|`);
}
