/** The page of the last whole run; what stands under the marker is written by hand and stays. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './child.ts';
import { notes, table, type Line } from './line.ts';

export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
}

const file = path.join(root, 'docs', 'performance.md');
const marker = '<!-- by hand from here; `npm run bench` leaves it alone -->';

export function describeMachine(): Machine {
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with local changes';
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: git('rev-parse', '--short', 'HEAD') + changed,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    node: process.version,
  };
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

export function writePage(machine: Machine, lines: readonly Line[]): void {
  const known = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const byHand = known.includes(marker) ? known.slice(known.indexOf(marker)) : `${marker}\n`;
  writeFileSync(
    file,
    `# Performance

Written by \`npm run bench\`: every row is measured against a *bare* program that does only the unavoidable work, by turns
in the same run. The figure of a row is the median of its rounds, the ratio the median of the rounds' ratios, with the
lowest and the highest. Everything runs on one machine: services, fake vendor, product and load generator.

Measured on ${machine.date} at commit \`${machine.commit}\`: ${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, Node ${machine.node}.

${table(lines)}

${notes(lines)}

${byHand}`,
  );
}
