/** Scales the number of races and faults in tests: `FAULT_SCALE=10 npm test` repeats them ten times as often. */
const scale = Math.max(1, Number(process.env.FAULT_SCALE) || 1);

/** A count multiplied by the scale. */
export function scaled(count: number): number {
  return Math.ceil(count * scale);
}
