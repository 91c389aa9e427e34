/** The reply engine's timers: runs of one never overlap; a failed run is logged and does not affect the next. */
import type { Logger } from 'pino';

/** Runs `job` every `intervalMs` until disposed; dispose waits for the current run. */
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
