/** Names that a vendor does not know are counted and logged once, and nothing is concluded from a vendor that is away. */
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { ModelError, type Model } from '../ports/model.ts';
import { modelsOf } from './models.ts';
import { watchNames } from './watch-names.ts';

it('counts unknown names, logs a change once, and keeps the count while the vendor is away', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  let answer: () => string[] = () => [];
  const model: Model = {
    id: 'fast',
    contextTokens: 1000,
    unknownNames: async () => answer(),
    async *stream() {
      yield { type: 'end', truncated: false };
    },
  };
  const counts = new Map<string, number>();
  const mute: Model = { id: 'demo', contextTokens: 1000, stream: (prompt, signal) => model.stream(prompt, signal) };
  await using watch = watchNames(modelsOf([model, mute]), log, { namesUnknown: (id, count) => counts.set(id, count) });
  await watch.check();
  expect([...counts]).toEqual([['fast', 0]]);
  answer = () => ['gone'];
  await Promise.all([watch.check(), watch.check()]);
  await watch.check();
  expect(counts.get('fast')).toBe(1);
  answer = () => {
    throw new ModelError('model_unavailable', { transient: true, message: 'away' });
  };
  await watch.check();
  expect(counts.get('fast')).toBe(1);
  answer = () => [];
  await watch.check();
  expect(counts.get('fast')).toBe(0);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ model: 'fast', names: 'gone' }]);
});
