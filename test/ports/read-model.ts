/** Reads a model's stream for tests, and checks its form: storable text parts, then one end part. */
import { expect } from 'vitest';
import { questionPrompt, type Model, type ModelPart, type Prompt, type Usage } from '../../server/ports/model.ts';

export interface ReadAnswer {
  /** What was counted last; null if nothing was. */
  readonly usage: Usage | null;
  readonly texts: readonly string[];
  readonly text: string;
  readonly end: Extract<ModelPart, { type: 'end' }>;
}

export async function readAnswer(
  model: Model,
  question: string | Prompt,
  signal: AbortSignal = new AbortController().signal,
): Promise<ReadAnswer> {
  const prompt = typeof question === 'string' ? questionPrompt(question) : question;
  const texts: string[] = [];
  let end: ReadAnswer['end'] | null = null;
  let usage: Usage | null = null;
  for await (const part of model.stream(prompt, signal)) {
    expect(end, 'nothing follows the end part').toBeNull();
    if (part.type === 'usage') {
      ({ usage } = part);
      continue;
    }
    if (part.type === 'end') {
      end = part;
      continue;
    }
    expect(part.text).not.toBe('');
    expect(part.text.isWellFormed() && !part.text.includes('\0')).toBe(true);
    texts.push(part.text);
  }
  if (end === null) throw new Error('The stream ended without an end part');
  return { texts, text: texts.join(''), end, usage };
}

/** Resolves with the rejection of a promise; a promise that resolves fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('Expected a rejection');
}
