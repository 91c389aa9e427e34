/** Cleans up when a test run crashes, through one exit listener. */

const duties = new Set<() => void>();
process.once('exit', () => {
  for (const duty of duties) duty();
});

/** Calls `duty` when this process exits, unless the returned function is called before. */
export function atExit(duty: () => void): () => void {
  duties.add(duty);
  return () => void duties.delete(duty);
}
