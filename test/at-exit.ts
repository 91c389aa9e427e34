/** What a test run that crashes must not leave behind: one listener for all of it. */

const duties = new Set<() => void>();
process.once('exit', () => {
  for (const duty of duties) duty();
});

/** Does `duty` when this process exits, unless the function it gives is called before. */
export function atExit(duty: () => void): () => void {
  duties.add(duty);
  return () => void duties.delete(duty);
}
