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

it('every command is documented, here or in the deployment page', async () => {
  const deployment = await readFile(new URL('../../docs/deployment.md', import.meta.url), 'utf8');
  for (const name of Object.keys(commands))
    expect(text.includes(`npm run admin -- ${name}`) || deployment.includes(`npm run admin -- ${name}`), name).toBe(
      true,
    );
});
