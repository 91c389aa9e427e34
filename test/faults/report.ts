/** The table of a fault run, for a terminal and for docs/reliability.md. */
import { misses, type Outcome, type Scenario } from './scenario.ts';

export interface Row {
  readonly scenario: Scenario;
  /** Null when the scenario failed with an error. */
  readonly outcome: Outcome | null;
  /** Why the promise was not kept; empty when it was. */
  readonly misses: readonly string[];
}

export function rowOf(scenario: Scenario, outcome: Outcome): Row {
  return { scenario, outcome, misses: misses(scenario, outcome) };
}

export function missed(row: Row): boolean {
  return row.misses.length > 0;
}

const heads = ['promise', 'faults injected', 'operations', 'lost', 'doubled', 'worst recovery', 'kept'];

function cells(row: Row): string[] {
  const { scenario, outcome } = row;
  if (outcome === null) return [scenario.promise, '', '', '', '', '', 'NO'];
  const { faults, operations, lost, doubled, worstRecoverySeconds: worst } = outcome;
  const recovery = worst === null ? '–' : `${worst.toFixed(1)} s`;
  const numbers = [faults, operations, lost, doubled].map((value) => value.toLocaleString('en'));
  return [scenario.promise, ...numbers, recovery, missed(row) ? 'NO' : 'yes'];
}

/** Remarks under the table: further figures, reduced counts, and failures. */
function remarks(row: Row): string[] {
  const { outcome } = row;
  return [
    ...(outcome?.note ? [outcome.note] : []),
    ...(outcome?.shorter ? [`shorter than promised: ${outcome.shorter}`] : []),
    ...row.misses.map((miss) => `MISSED: ${miss.split('\n')[0]}`),
  ];
}

export function textTable(rows: readonly Row[]): string {
  const table = [heads, ...rows.map(cells)];
  const widths = heads.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  const format = (line: readonly string[]) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  const lines = [format(heads), widths.map((width) => '-'.repeat(width)).join('  ')];
  for (const row of rows) {
    lines.push(format(cells(row)), ...remarks(row).map((remark) => `    ${remark}`));
  }
  return lines.join('\n');
}

/** A row with the machine and time of its run. */
export interface RunRow extends Row {
  readonly at: string;
  readonly commit: string;
  readonly tookSeconds: number;
  readonly machine: string;
}

function line(fields: readonly string[]): string {
  return `| ${fields.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

export function markdownReport(rows: readonly RunRow[]): string {
  const kept = rows.filter((row) => !missed(row)).length;
  const machines = [...new Set(rows.map(({ machine }) => machine))];
  const minutes = Math.round(rows.reduce((sum, { tookSeconds }) => sum + tookSeconds, 0) / 60);
  const runs = rows.map(({ at, commit, tookSeconds }) => [`${at.replace('T', ' ')}, \`${commit}\`, ${tookSeconds} s`]);
  return `# Reliability

Written by \`npm run test:faults\`; do not edit. Every figure is from the newest full run of its scenario;
\`npm run test:faults -- NAME\` runs one scenario again and replaces its row. All of them take about ${minutes} minutes.

${machines.map((machine) => `- ${machine}`).join('\n')}
- ${kept} of ${rows.length} promises kept

Everything ran on one computer: the product's processes, PostgreSQL, Redis, a fake Gemini that speaks the vendor's
protocol, and the clients. "Machines" are Linux network namespaces, each with its own address and link.

${line([...heads, 'run'])}
| --- | ---: | ---: | ---: | ---: | ---: | :-: | --- |
${rows.map((row, index) => line([...cells(row), ...runs[index]!])).join('\n')}

## Remarks

${rows.flatMap((row) => remarks(row).map((remark) => `- ${row.scenario.promise}: ${remark}`)).join('\n')}

"Kept" means that nothing was lost or doubled, recovery stayed within its limit, and every other check of the scenario
passed. The code of each is in \`test/faults/scenarios/\`.
`;
}
