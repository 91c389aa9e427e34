/** Watches processes that must not die: restarts and counts those that do, as an orchestrator would. */
import type { Service } from './service.ts';
import { pause } from './waiting.ts';

export interface FleetReport {
  /** The number of exits. */
  readonly deaths: number;
  /** The largest memory of one process, in bytes. */
  readonly peakBytes: number;
}

export interface WatchedFleet {
  stop(): Promise<FleetReport>;
}

const lookEveryMs = 20;

export function watchFleet(fleet: readonly Service[]): WatchedFleet {
  let deaths = 0;
  let peakBytes = 0;
  let isOver = false;

  async function watch(service: Service): Promise<void> {
    while (!isOver) {
      const bytes = service.peakBytes();
      peakBytes = Math.max(peakBytes, bytes);
      if (bytes === 0) {
        deaths++;
        await service.start();
      }
      await pause(lookEveryMs);
    }
  }

  const watching = Promise.all(fleet.map(watch));
  return {
    async stop() {
      isOver = true;
      await watching;
      return { deaths, peakBytes };
    },
  };
}
