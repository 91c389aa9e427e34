/** The reply engine's timers: never two runs of one at a time, a failed run is logged and the next comes as usual. */
import type { Logger } from 'pino';

/** Runs `job` every so often until disposed, which waits for a run under way. */
export function every(intervalMs: number, name: string, log: Logger, job: () => Promise<void>): AsyncDisposable {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= job()
      .catch((error: unknown) => log.warn({ job: name, err: error }, 'a periodic job failed'))
      .finally(() => {
        running = null;
      });
  }, intervalMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}
