/** docs/billing.md agrees with the product's settings, events and commands. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { commands } from '../../server/admin/commands.ts';
import { settings } from '../../server/config/settings.ts';
import { relevantEvents } from '../../server/subscriptions/event-types.ts';

const text = await readFile(new URL('../../docs/billing.md', import.meta.url), 'utf8');

it('the list of events is exactly that of the handled ones', () => {
  const listed = text.match(/^(checkout|customer|invoice|charge|refund)\.[a-z_.]+$/gm);
  expect(listed).toEqual([...relevantEvents]);
});

it('every billing setting is documented, and every documented one exists', () => {
  const named = new Set(
    text.match(/\bSTRIPE_[A-Z_]+\b/g)!.filter((name) => name !== 'STRIPE_PORT' && name !== 'STRIPE_'),
  );
  expect(named).toEqual(new Set(Object.keys(settings).filter((name) => name.startsWith('STRIPE_'))));
});

it('every command is documented, here or in the pages on deployment and operators', async () => {
  const pages = ['deployment', 'operators'].map((page) => new URL(`../../docs/${page}.md`, import.meta.url));
  const all = [text, ...(await Promise.all(pages.map((page) => readFile(page, 'utf8'))))].join('\n');
  for (const name of Object.keys(commands)) expect(all).toContain(`npm run admin -- ${name}`);
});
