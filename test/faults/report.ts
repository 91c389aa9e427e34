/** The table of a fault run, for a terminal and for docs/reliability.md. */
import os from 'node:os';
import { misses, type Outcome, type Scenario } from './scenario.ts';

export interface Row {
  readonly scenario: Scenario;
  /** Null when the scenario broke off. */
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

/** What the figures do not say: more figures, what was done less of, and what went wrong. */
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

export interface RunFacts {
  readonly postgres: string;
  readonly minutes: number;
  /** FAULT_SCALE. */
  readonly factor: number;
}

function line(fields: readonly string[]): string {
  return `| ${fields.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

export function markdownReport(rows: readonly Row[], { postgres, minutes, factor }: RunFacts): string {
  const kept = rows.filter((row) => !missed(row)).length;
  const [cpu] = os.cpus();
  return `# Reliability

Written by \`npm run test:faults\`; do not edit. Every figure is from this one run.

- Date: ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC
- Command: \`${factor === 1 ? '' : `FAULT_SCALE=${factor} `}npm run test:faults\`, ${Math.round(minutes)} minutes
- Machine: ${os.cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()} ${os.release()}
- Node ${process.versions.node}, ${postgres}
- ${kept} of ${rows.length} promises kept

Everything ran on this one machine: the product's processes, PostgreSQL, Redis, a fake Gemini that speaks the vendor's
protocol, and the clients.

${line(heads)}
| --- | ---: | ---: | ---: | ---: | ---: | :-: |
${rows.map((row) => line(cells(row))).join('\n')}

## Remarks

${rows.flatMap((row) => remarks(row).map((remark) => `- ${row.scenario.promise}: ${remark}`)).join('\n')}

A row is kept when nothing was lost or doubled, recovery stayed within its limit, and every other check of the scenario
held; the code of each is in \`test/faults/scenarios/\`.
`;
}
