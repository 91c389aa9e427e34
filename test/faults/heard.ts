/** Questions asked while readers follow the feed, and the texts that the readers assembled. */
import type { ReceivedEvent } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { liveReply } from '../live-reply.ts';

export interface Asked {
  /** Of the reply. */
  readonly id: number;
  readonly content: string;
}

/** What is wrong with the text that a reader assembled for a reply of the fake, as sentences. */
export function wrongText(log: readonly ReceivedEvent[], { id, content }: Asked, chunks: number): string[] {
  try {
    const { text, attempt, ended } = liveReply(log, id);
    const whole = answerText(content, chunks);
    if (text === whole && ended?.content === whole) return [];
    const end = ended === null ? 'no end' : `${ended.type} with ${ended.content.length}`;
    return [`a reader assembled ${text.length} of ${whole.length} characters in attempt ${attempt}, and ${end}`];
  } catch (error) {
    return [`a reader saw ${(error as Error).message}`];
  }
}

/** How many entries a reader lacks, and how many it has twice; entries in another order count as lacking. */
export function compareLogs(
  expected: readonly string[],
  log: readonly string[],
): { missing: number; repeated: number } {
  const seen = new Set(log);
  const disordered = [...seen].some((entry, index) => entry !== expected[index]);
  const missing = expected.filter((entry) => !seen.has(entry)).length;
  return { missing: missing === 0 && disordered ? 1 : missing, repeated: log.length - seen.size };
}
