/** Writes the page of the last full run; text below the marker is written by hand and is kept. */
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

/** The parts of the page: each is written when all its rows were measured, and unchanged otherwise. */
const parts = {
  server: `# Performance

Written by \`npm run bench\`: every row is measured against a *bare* program that does only the unavoidable work, alternating
in the same run. The figure of a row is the median of its rounds, the ratio the median of the rounds' ratios, with the
lowest and the highest. Everything runs on one machine: services, fake vendor, product and load generator.`,
  web: `## The client in a browser

Written by \`npm run bench -- web\`: the built client in Chromium, from a server with PostgreSQL, Redis and the fake vendor on
the same machine. Figures are medians of three rounds with the lowest and the highest. Sizes are bytes over the network as
counted by the browser. A frame is all work of the page's main thread from one commit to the next, from the browser's
tracing; the server sends text every 80 ms at any speed of the vendor. Lighthouse simulates its slow phone on a slow network.`,
} as const;
export type Part = keyof typeof parts;

export function writePage(part: Part, machine: Machine, lines: readonly Line[]): void {
  const known = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const starts = { server: 0, web: known.indexOf(`\n${parts.web.split('\n')[0]}`) + 1, byHand: known.indexOf(marker) };
  const byHand = starts.byHand < 0 ? `${marker}\n` : known.slice(starts.byHand);
  const written = { server: '', web: '' };
  if (starts.byHand > 0) {
    const end = starts.web > 0 ? starts.web : starts.byHand;
    written.server = known.slice(0, end);
    written.web = known.slice(end, starts.byHand);
  }
  written[part] = `${parts[part]}

Measured on ${machine.date} at commit \`${machine.commit}\`: ${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, Node ${machine.node}.

${table(lines)}

${notes(lines)}

`;
  writeFileSync(file, written.server + written.web + byHand);
}
