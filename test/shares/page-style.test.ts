/** The shared page has the colours of the web client. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { pageStyle } from '../../server/http/page-style.ts';

const tokens = (css: string) =>
  new Map([...css.matchAll(/^ *--([\w-]+): ([^;]+);/gm)].map(([, name, value]) => [name!, value!]));

it('has the colours of the web client', () => {
  const theme = tokens(readFileSync(new URL('../../web/theme/tokens.css', import.meta.url), 'utf8'));
  const own = tokens(pageStyle);
  expect(own.size).toBeGreaterThan(8);
  for (const [name, value] of own) expect(value, name).toBe(theme.get(name));
});
