/** Both modes of the product, for suites that hold in each: embedded, and with PostgreSQL and Redis. */
import { describe } from 'vitest';
import { distributedPlace, embeddedPlace, type Place } from './harness.ts';
import { services } from './services.ts';

export interface Mode {
  readonly name: string;
  readonly place: () => Promise<Place>;
  /** How many API processes a suite runs. */
  readonly apis: number;
  /** False where this machine lacks what it needs. */
  readonly possible: boolean;
}

export const modes: readonly Mode[] = [
  { name: 'embedded', place: embeddedPlace, apis: 1, possible: true },
  {
    name: 'PostgreSQL and Redis, two API processes',
    place: distributedPlace,
    apis: 2,
    possible: services.postgres && services.redis,
  },
];

/** The mode with most services that this machine can run. */
export const fullestMode: Mode = modes.findLast(({ possible }) => possible)!;

/** Runs a suite in each mode. */
export function describeModes(name: string, suite: (mode: Mode) => void): void {
  for (const mode of modes) {
    describe.skipIf(!mode.possible)(`${name}, ${mode.name}`, () => {
      suite(mode);
    });
  }
}
