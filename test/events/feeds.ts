/** The product in both modes, in the test's process, for tests of live events. */
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { askAt, startProduct, type Environment, type RunningProduct } from '../harness.ts';
import type { Mode } from '../modes.ts';
import type { EventStream, ReceivedEvent } from '../client.ts';

export interface Feeds extends AsyncDisposable {
  readonly fake: FakeGemini;
  readonly running: readonly RunningProduct[];
  /** URL of the n-th API process, modulo their number. */
  url(n: number): string;
}

/** Starts the API processes of the mode; the first is also a worker. */
export async function startFeeds({ place: makePlace, apis }: Mode, environment: Environment = {}): Promise<Feeds> {
  await using opened = new AsyncDisposableStack();
  const fake = opened.use(await startFakeGemini());
  const place = opened.use(await makePlace());
  const settings = { ...askAt(fake), BASIC_DAILY_LIMIT: '1000', ...environment };
  const running: RunningProduct[] = [];
  for (let n = 0; n < apis; n++) {
    const role = n === 0 ? 'all' : 'api';
    running.push(opened.use(await startProduct(place, { environment: settings, role })));
  }
  const stack = opened.move();
  return {
    fake,
    running,
    url: (n) => running[n % running.length]!.url,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Resolves when the stream has an event with this id; returns everything up to it. */
export async function receivedUpTo(stream: EventStream, id: string): Promise<readonly ReceivedEvent[]> {
  const last = await stream.next((_event, eventId) => eventId === id);
  return stream.received.slice(0, stream.received.indexOf(last) + 1);
}
