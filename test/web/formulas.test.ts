/** What is parsed as a formula, and what is a price. */
import { expect, it } from 'vitest';
import { lex } from '../../web/markdown/formulas.ts';

/** The formulas in a text, blocks included. */
function formulasIn(source: string): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== 'object' || value === null) return;
    const { type, tex } = value as { type?: string; tex?: string };
    if (type?.startsWith('formula')) found.push(tex!);
    if ('tokens' in value) visit(value.tokens);
    if ('items' in value) visit(value.items);
  };
  visit([...lex(source)]);
  return found;
}

it.each([
  ['Euler: $e^{i\\pi} = -1$.', ['e^{i\\pi} = -1']],
  ['Inline \\(a + b\\) too.', ['a + b']],
  ['$$\n\\int_0^1 x\\,dx\n$$', ['\\int_0^1 x\\,dx']],
  ['\\[ x^2 \\]', ['x^2']],
  ['Two: $a$ and $b$.', ['a', 'b']],
])('%s', (source, formulas) => {
  expect(formulasIn(source)).toEqual(formulas);
});

it.each([
  'It costs $5.',
  'Between $5 and $10 a month.',
  'A budget of $5-$10, or $ 5 each $ month.',
  '`$a$` is code.',
  '```\n$a$\n```',
  'Still being written: $e^{i',
])('no formula: %s', (source) => {
  expect(formulasIn(source)).toEqual([]);
});
