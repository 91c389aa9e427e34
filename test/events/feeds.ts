/** The product in both modes, in the test's process, as the tests of live events need it. */
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { askAt, startProduct, type Environment, type RunningProduct } from '../harness.ts';
import type { Mode } from '../modes.ts';
import type { EventStream, ReceivedEvent } from '../client.ts';

export interface Feeds extends AsyncDisposable {
  readonly fake: FakeGemini;
  readonly running: readonly RunningProduct[];
  /** Address of the n-th API process, counting round and round. */
  url(n: number): string;
}

/** Starts as many API processes as the mode has; the first is a worker as well. */
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

/** Resolves when the stream has an event with this id; gives everything up to it. */
export async function receivedUpTo(stream: EventStream, id: string): Promise<readonly ReceivedEvent[]> {
  const last = await stream.next((_event, eventId) => eventId === id);
  return stream.received.slice(0, stream.received.indexOf(last) + 1);
}
