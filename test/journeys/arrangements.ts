/** The supported arrangements of real processes, with a fake Gemini. */
import type { Role } from '../../server/config/config.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { askAt, distributedPlace, embeddedPlace, type Environment, type Place } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { services } from '../services.ts';

export interface Arrangement {
  readonly name: string;
  readonly place: () => Promise<Place>;
  readonly roles: readonly Role[];
  /** False where this machine lacks what it needs. */
  readonly possible: boolean;
}

const shared = services.postgres && services.redis;

export const arrangements: readonly Arrangement[] = [
  { name: 'embedded', place: embeddedPlace, roles: ['all'], possible: true },
  { name: 'PostgreSQL and Redis, one process', place: distributedPlace, roles: ['all'], possible: shared },
  {
    name: 'PostgreSQL and Redis, two API processes and two workers',
    place: distributedPlace,
    roles: ['api', 'api', 'worker', 'worker'],
    possible: shared,
  },
];

export interface Running extends AsyncDisposable {
  readonly place: Place;
  readonly fake: FakeGemini;
  readonly processes: readonly RunningProcess[];
  /** URLs of two API processes; the same one twice if there is only one. */
  readonly urls: readonly [string, string];
}

/** Starts every process of an arrangement at once. */
export async function startArrangement(
  { place: makePlace, roles }: Pick<Arrangement, 'place' | 'roles'>,
  environment: Environment = {},
): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const fake = opened.use(await startFakeGemini());
  const place = opened.use(await makePlace());
  const settings = { ...place.environment, ...askAt(fake), ...environment };
  const started = await Promise.allSettled(roles.map((role) => startProcess(settings, role)));
  const processes = started.filter((one) => one.status === 'fulfilled').map((one) => opened.use(one.value));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  const addresses = processes.map(({ url }) => url).filter((url) => url !== '');
  const stack = opened.move();
  return {
    place,
    fake,
    processes,
    urls: [addresses[0]!, addresses.at(-1)!],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
