/** From the network event that brings the first words of an answer to the frame that shows them. */
import { ask } from '../../test/browser/visitor.ts';
import { spreadOf } from '../measure.ts';
import type { Line } from '../line.ts';
import { milliseconds } from './streaming.ts';
import type { Stage } from './stage.ts';
import { mainThreadOf, startTrace, type TraceEvent } from './trace.ts';

const mostMs = 50;
const mark = 'first-words';

export async function firstToken(stage: Stage, roomId: number, rounds: number): Promise<Line> {
  const times: number[] = [];
  await using tab = await stage.openCold(`/app/c/${roomId}`);
  const { page, session } = tab;
  await page.getByRole('article').first().waitFor();
  for (let round = 0; round < rounds; round += 1) {
    const words = `Begun${round}`;
    // The rest arrives much later, so the last frame before it contained the words.
    await stage.answerNext({
      kind: 'answer',
      parts: [{ text: words }, { text: ' and done.' }],
      firstDelayMs: 300,
      delayMs: 700,
    });
    await page.evaluate(markWhenShown(words));
    const stop = await startTrace(session);
    await ask(page, `What next? (${round})`);
    await page.getByText(`${words} and done.`).waitFor();
    times.push(timeToScreen(await stop(), stage.url));
  }
  const ms = spreadOf(times);
  return {
    name: 'first token, from the network to the screen',
    ours: milliseconds(ms),
    bare: '',
    ratio: null,
    goal: `≤ ${mostMs} ms`,
    met: ms.median <= mostMs,
    note: '',
  };
}

/** Runs in the page: leaves a mark in the trace when the words are in the document. */
function markWhenShown(words: string): string {
  return `{
    const observer = new MutationObserver(() => {
      if (!document.querySelector('[role=list]')?.textContent.includes('${words}')) return;
      performance.mark('${mark}');
      observer.disconnect();
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  }`;
}

function timeToScreen(events: readonly TraceEvent[], url: string): number {
  const { pid } = mainThreadOf(events, url);
  const own = events.filter((event) => event.pid === pid);
  const shown = own.find(({ name, cat }) => name === mark && cat.includes('blink.user_timing'));
  const arrived = own.findLast(({ name, ts }) => name === 'ResourceReceivedData' && ts < shown!.ts);
  const drawn = own.find(({ name, ts }) => name === 'DrawFrame' && ts > shown!.ts);
  if (!shown || !arrived || !drawn) throw new Error('the trace holds no first words');
  return (drawn.ts - arrived.ts) / 1000;
}
