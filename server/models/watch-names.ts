/** Finds names of models that their vendors do not know any more, before a question does. */
import type { Logger } from 'pino';
import type { Model } from '../ports/model.ts';
import type { Models } from './models.ts';

export interface NamesMeter {
  /** The number of a model's names that its vendor does not know. */
  namesUnknown(model: string, count: number): void;
}

const everyMs = 60 * 60_000;
const timeoutMs = 30_000;

export interface NamesWatch extends AsyncDisposable {
  /** Checks now. */
  check(): Promise<void>;
}

/** Checks every hour until disposed, and whenever it is told to. What a vendor cannot tell stays as it was. */
export function watchNames(models: Models, log: Logger, meter: NamesMeter): NamesWatch {
  const leaving = new AbortController();
  const told = new Map<string, string>();
  let running: Promise<unknown> = Promise.resolve();

  async function checkOne(model: Model): Promise<void> {
    const unknown = await readUnknown(model, leaving.signal);
    if (unknown === null) return;
    meter.namesUnknown(model.id, unknown.length);
    const names = unknown.join(', ');
    if (names !== '' && names !== told.get(model.id)) {
      log.error({ model: model.id, names }, 'the vendor does not know these names of the model; change its candidates');
    }
    told.set(model.id, names);
  }

  async function check(): Promise<void> {
    const all = models.ids.map((id) => checkOne(models.of(id)));
    running = Promise.all([running, ...all]);
    await running;
  }

  const timer = setInterval(() => void check(), everyMs);
  return {
    check,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      leaving.abort();
      await running;
    },
  };
}

/** The names that the vendor does not know; null if it cannot be asked now. */
async function readUnknown(model: Model, leaving: AbortSignal): Promise<readonly string[] | null> {
  try {
    return (await model.unknownNames?.(AbortSignal.any([leaving, AbortSignal.timeout(timeoutMs)]))) ?? null;
  } catch {
    return null;
  }
}
