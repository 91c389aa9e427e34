/**
 * Renders replies in a thread with limits of time and memory: a lexer needs seconds for some texts of 32,000 characters,
 * which would stop the process for everybody.
 */
import { Worker } from 'node:worker_threads';
import { plainToHtml } from './plain-text.ts';

export interface RenderLimits {
  /** From when the thread runs. */
  readonly withinMs: number;
  readonly memoryMb: number;
  /** HTML of all texts, in characters. */
  readonly longest: number;
  /** Chats that wait while one is rendered. */
  readonly waiting: number;
}

export const renderLimits: RenderLimits = { withinMs: 2000, memoryMb: 96, longest: 4 * 1024 * 1024, waiting: 4 };

/** The HTML of each text, or the texts as written if a limit was reached. */
export interface Rendered {
  readonly html: readonly string[];
  /** False if another time may bring another result: too many were waiting. */
  readonly final: boolean;
}

export type Render = (texts: readonly string[]) => Promise<Rendered>;

/** Returns the renderer of this process, which renders one chat at a time. Never rejects. */
export function markdownRenderer(limits: RenderLimits = renderLimits): Render {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (texts) => {
    const asWritten = (final: boolean) => ({ html: texts.map(plainToHtml), final });
    if (waiting > limits.waiting) return asWritten(false);
    waiting += 1;
    const turn = last.then(() => renderInThread(texts, limits));
    last = turn;
    const html = await turn;
    waiting -= 1;
    if (html === null || html.reduce((sum, { length }) => sum + length, 0) > limits.longest) return asWritten(true);
    return { html, final: true };
  };
}

/** Null if the thread failed or took too long. */
async function renderInThread(
  texts: readonly string[],
  { withinMs, memoryMb }: RenderLimits,
): Promise<readonly string[] | null> {
  const thread = new Worker(new URL('render-thread.ts', import.meta.url), {
    workerData: texts,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  const outcome = Promise.withResolvers<readonly string[] | null>();
  let timer: NodeJS.Timeout | undefined;
  thread.once('online', () => (timer = setTimeout(() => outcome.resolve(null), withinMs)));
  thread.once('message', outcome.resolve);
  thread.once('error', () => outcome.resolve(null));
  thread.once('exit', () => outcome.resolve(null));
  const html = await outcome.promise;
  clearTimeout(timer);
  await thread.terminate();
  return html;
}
