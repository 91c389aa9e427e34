/** How much more than usual the tests do: `FAULT_SCALE=10 npm test` repeats races and faults ten times as often. */
const scale = Math.max(1, Number(process.env.FAULT_SCALE) || 1);

/** A count that grows with the scale. */
export function scaled(count: number): number {
  return Math.ceil(count * scale);
}
