/** What of a conversation the model gets to see. */
import { describe, expect, it } from 'vitest';
import { buildPrompt, estimateTokens, type PromptMessage } from './prompt.ts';

/** A conversation as it happened, oldest first: `['q1', 'a1', 'q2']`, replies known by their `a`. */
function newestFirst(texts: readonly string[]): PromptMessage[] {
  const messages = texts.map((content, index): PromptMessage => {
    const isFromUser = !content.startsWith('a');
    return { id: index + 1, content, isFromUser, inReplyTo: isFromUser ? null : index };
  });
  return messages.toReversed();
}

const textsOf = (messages: readonly PromptMessage[], budget: number) =>
  buildPrompt(messages, budget).map(({ text }) => text);

describe('the prompt', () => {
  it('is the conversation in order, ending with the question', () => {
    expect(buildPrompt(newestFirst(['q1', 'a1', 'q2']), 1000)).toEqual([
      { role: 'user', text: 'q1' },
      { role: 'model', text: 'a1' },
      { role: 'user', text: 'q2' },
    ]);
  });

  it('keeps the newest turns that fit, and nothing older than the first that does not', () => {
    const long = `q${'x'.repeat(400)}`;
    expect(textsOf(newestFirst(['q1', 'a1', long, 'a2', 'q3', 'a3', 'q4']), 50)).toEqual(['q3', 'a3', 'q4']);
  });

  it('never begins with an answer whose question did not fit', () => {
    const texts = ['q1', 'a1', 'q2'];
    const two = estimateTokens('a1') + estimateTokens('q2');
    expect(textsOf(newestFirst(texts), two)).toEqual(['q2']);
    expect(textsOf(newestFirst(texts), two + estimateTokens('q1'))).toEqual(texts);
  });

  it('holds the question, however small the budget', () => {
    const long = `q${'x'.repeat(32_000)}`;
    expect(textsOf(newestFirst(['q1', 'a1', long]), 100)).toEqual([long]);
  });

  it('takes the newest of several answers to one question', () => {
    const messages: PromptMessage[] = [
      { id: 5, content: 'q2', isFromUser: true, inReplyTo: null },
      { id: 4, content: 'again', isFromUser: false, inReplyTo: 1 },
      { id: 2, content: 'first', isFromUser: false, inReplyTo: 1 },
      { id: 1, content: 'q1', isFromUser: true, inReplyTo: null },
    ];
    expect(textsOf(messages, 1000)).toEqual(['q1', 'again', 'q2']);
  });

  it('counts what is dear: characters of other scripts weigh more', () => {
    expect(estimateTokens('')).toBe(4);
    expect(estimateTokens('abcd')).toBe(5);
    expect(estimateTokens('漢字漢字')).toBeGreaterThan(estimateTokens('abcd'));
  });
});
