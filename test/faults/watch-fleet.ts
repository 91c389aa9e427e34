/** Watches processes that must not die: starts the dead again, as an orchestrator would, and counts them. */
import type { Service } from './service.ts';
import { pause } from './waiting.ts';

export interface FleetReport {
  /** How often one of them ended by itself. */
  readonly deaths: number;
  /** The most memory one of them held, in bytes. */
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
