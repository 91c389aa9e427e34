/** A long answer as it streams into a long room: what each frame costs the page's main thread. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { percentile, spreadOf, type Spread } from '../measure.ts';
import { thousands, type Line } from '../line.ts';
import { inPieces, markdown } from './answer.ts';
import type { Stage } from './stage.ts';
import { mainThreadOf, startTrace, workOf, type Work } from './trace.ts';

const longTaskMs = 50;
const answerWithinMs = 60_000;

export interface Streaming {
  readonly roomId: number;
  readonly messages: number;
  readonly characters: number;
  readonly rounds: number;
  /** How many times slower the processor is made. */
  readonly slower: number;
  readonly mostFrameMs: number;
  readonly profiles: string | null;
}

export async function streaming(stage: Stage, task: Streaming): Promise<Line[]> {
  const rounds: Work[] = [];
  for (let round = 0; round < task.rounds; round += 1) rounds.push(await streamOnce(stage, task, round));
  const p95 = spreadOf(rounds.map(({ frameMs }) => percentile(frameMs, 0.95)));
  const longest = spreadOf(rounds.map(({ taskMs }) => Math.max(...taskMs)));
  const long = rounds.map(({ taskMs }) => taskMs.filter((ms) => ms > longTaskMs).length);
  const busy = spreadOf(rounds.map(({ taskMs }) => taskMs.reduce((sum, ms) => sum + ms, 0) / 1000));
  const cpu = spreadOf(rounds.map(({ cpuSeconds }) => cpuSeconds));
  const frames = spreadOf(rounds.map(({ frameMs }) => frameMs.length));
  const cpuP95 = spreadOf(rounds.map(({ frameCpuMs }) => percentile(frameCpuMs, 0.95)));
  const throttled = task.slower > 1;
  const speed = throttled ? `, processor ${task.slower} times slower` : '';
  const frame: Line = {
    name: `streaming${speed}, p95 a frame`,
    ours: milliseconds(p95),
    bare: '',
    ratio: null,
    goal: `≤ ${task.mostFrameMs} ms`,
    met: p95.median <= task.mostFrameMs,
    note:
      `${thousands(task.characters)} characters under ${thousands(task.messages)} messages: ${frames.median} frames, the main ` +
      `thread busy for ${busy.median.toFixed(1)} s. Its CPU time was ${cpu.median.toFixed(1)} s, p95 a frame ` +
      `${cpuP95.median.toFixed(1)} ms; the rest is waiting for a core.`,
  };
  return [
    frame,
    {
      name: `streaming${speed}, longest task`,
      ours: milliseconds(longest),
      bare: '',
      ratio: null,
      goal: throttled ? '' : `≤ ${longTaskMs} ms`,
      met: throttled ? null : longest.median <= longTaskMs,
      note: `Tasks over ${longTaskMs} ms in each round: ${long.join(', ')}.`,
    },
  ];
}

async function streamOnce(stage: Stage, task: Streaming, round: number): Promise<Work> {
  await using tab = await stage.openCold(`/app/c/${task.roomId}`);
  const { page, session } = tab;
  await readWholeRoom(page, task.messages);
  // Loading is complete, including garbage collection.
  await session.send('HeapProfiler.collectGarbage');
  if (task.slower > 1) await session.send('Emulation.setCPUThrottlingRate', { rate: task.slower });
  const text = `${markdown(task.characters - 12)}\n\nThe end ${round}.`;
  await stage.answerNext(inPieces(text, { characters: 40, everyMs: 16 }));
  const composer = page.getByRole('textbox', { name: 'Message' });
  await composer.fill(`Tell me everything about it (${round})`);
  const stop = await startTrace(session, { profile: task.profiles !== null });
  await composer.press('Enter');
  await isAnswered(page);
  const events = await stop();
  await page.getByText(`The end ${round}.`).waitFor();
  if (task.profiles !== null) keep(task.profiles, `streaming-${task.slower}x-${round}`, events);
  return workOf(events, mainThreadOf(events, stage.url));
}

/** Polls rarely, because evaluating in the page disturbs the measurement. */
async function isAnswered(page: Page): Promise<void> {
  const isWriting = () => page.evaluate<boolean>(`document.querySelector('button[aria-label=Stop]') !== null`);
  const giveUpAt = Date.now() + answerWithinMs;
  do {
    if (Date.now() > giveUpAt) throw new Error('the answer does not end');
    await page.waitForTimeout(1000);
  } while (await isWriting());
}

/** Scrolls up until the client has loaded every message, then back to the end. */
async function readWholeRoom(page: Page, messages: number): Promise<void> {
  const list = page.getByRole('list', { name: 'Conversation' });
  await list.getByRole('article').first().waitFor();
  const scrollTo = (end: 'top' | 'bottom') =>
    list.evaluate((element, to) => {
      const scroller = element.parentElement!;
      scroller.scrollTop = to === 'top' ? 0 : scroller.scrollHeight;
    }, end);
  const oldest = list.getByText('Question 1:', { exact: false }).first();
  const giveUpAt = Date.now() + answerWithinMs;
  while (!(await oldest.isVisible())) {
    if (Date.now() > giveUpAt) throw new Error(`the first of ${messages} messages did not come`);
    await scrollTo('top');
    await page.waitForTimeout(50);
  }
  await page.waitForTimeout(300);
  const jump = page.getByRole('button', { name: 'Jump to latest' });
  if (await jump.isVisible()) await jump.click();
  await page.waitForTimeout(1000);
}

function keep(folder: string, name: string, events: readonly object[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.trace.json`), JSON.stringify({ traceEvents: events }));
}

export function milliseconds({ median, lowest, highest }: Spread): string {
  return `${median.toFixed(1)} ms (${lowest.toFixed(1)}–${highest.toFixed(1)})`;
}
