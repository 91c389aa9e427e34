/** The fake Gemini's titles of conversations. */
import type { AnswerBehaviour } from './gemini-behaviour.ts';

export function isTitleRequest({ system }: { readonly system: string | null }): boolean {
  return system?.startsWith('You name conversations ') ?? false;
}

/** "About", and the beginning of the conversation's first line. */
export function titleAnswer({ question }: { readonly question: string }): AnswerBehaviour {
  const said = /^User: (.*)$/m.exec(question)?.[1] ?? '';
  const words = said
    .replaceAll(/\[\[[^\]]*\]\]/g, '')
    .trim()
    .split(/\s+/)
    .slice(0, 5);
  return { kind: 'answer', parts: [{ text: '"About ' }, { text: `${words.join(' ')}"` }] };
}
