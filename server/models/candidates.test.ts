/** Names that the vendor no longer knows are passed over, and nothing else is. */
import { expect, it } from 'vitest';
import { ModelError, questionPrompt, type Model } from '../ports/model.ts';
import { firstKnown } from './candidates.ts';

const unknown = () => new ModelError('model_not_found', { transient: false, isRefusal: true, message: 'unknown' });

function candidate(name: string, asked: string[], fault: () => Error | null): Model {
  return {
    id: 'fast',
    contextTokens: 1000,
    async *stream() {
      asked.push(name);
      const error = fault();
      if (error !== null) throw error;
      yield { type: 'text', text: name };
      yield { type: 'end', truncated: false };
    },
  };
}

async function answerOf(model: Model): Promise<string> {
  let text = '';
  for await (const part of model.stream(questionPrompt('Why?'), new AbortController().signal)) {
    if (part.type === 'text') text += part.text;
  }
  return text;
}

it('uses the first name, the next once that is unknown, and then starts again with the first', async () => {
  const asked: string[] = [];
  const gone = new Set<string>();
  const make = (name: string) => candidate(name, asked, () => (gone.has(name) ? unknown() : null));
  const passed: string[] = [];
  const model = firstKnown(['a', 'b'], make, (name) => passed.push(name));
  expect(await answerOf(model)).toBe('a');
  gone.add('a');
  expect(await Promise.all([answerOf(model), answerOf(model)])).toEqual(['b', 'b']);
  asked.length = 0;
  expect(await answerOf(model)).toBe('b');
  expect(asked).toEqual(['b']);
  expect(new Set(passed)).toEqual(new Set(['a']));
  gone.add('b');
  await expect(answerOf(model)).rejects.toThrow('unknown');
  gone.clear();
  expect(['a', 'b']).toContain(await answerOf(model));
});

it('moves on to the first known name when names are checked, and back', async () => {
  const asked: string[] = [];
  const gone = new Set<string>();
  let isDown = false;
  const make = (name: string): Model => ({
    ...candidate(name, asked, () => (gone.has(name) ? unknown() : null)),
    async unknownNames() {
      if (isDown) throw new ModelError('model_unavailable', { transient: true, message: 'away' });
      return gone.has(name) ? [name] : [];
    },
  });
  const model = firstKnown(['a', 'b'], make, () => {});
  const check = () => model.unknownNames!(new AbortController().signal);
  expect(await check()).toEqual([]);
  gone.add('a');
  expect(await check()).toEqual(['a']);
  expect(await answerOf(model)).toBe('b');
  expect(asked).toEqual(['b']);
  isDown = true;
  await expect(check()).rejects.toThrow('away');
  expect(await answerOf(model)).toBe('b');
  isDown = false;
  gone.clear();
  await check();
  expect(await answerOf(model)).toBe('a');
  gone.add('a').add('b');
  expect(await check()).toEqual(['a', 'b']);
});

it('rethrows other failures', async () => {
  const asked: string[] = [];
  const busy = new ModelError('model_overloaded', { transient: true, message: 'busy' });
  const model = firstKnown(
    ['a', 'b'],
    (name) => candidate(name, asked, () => (name === 'a' ? busy : null)),
    () => {},
  );
  await expect(answerOf(model)).rejects.toBe(busy);
  expect(asked).toEqual(['a']);
});
