/** The operator's commands on the embedded database, which only one process can open. */
import { expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { embeddedPlace } from '../harness.ts';
import { startProcess } from '../processes.ts';
import { runAdmin } from './run-admin.ts';

it(
  'commands are refused with the pid while the server runs, and work once it has stopped',
  { timeout: 120_000 },
  async () => {
    await using place = await embeddedPlace();
    const running = await startProcess(place.environment);
    const { number } = await signIn(running.url);
    const refused = await runAdmin(place.environment, 'users', 'set-tier', number, 'Pro');
    expect(refused).toMatchObject({ code: 1, lines: [] });
    expect(refused.complaint).toContain(`pid ${running.pid}`);
    expect(await running.kill()).toBe(0);

    const granted = await runAdmin(place.environment, 'users', 'set-tier', number, 'Pro');
    expect(granted).toEqual({ code: 0, lines: [`${number} is Pro.`], complaint: '' });
    await using again = await startProcess(place.environment);
    const user = await signIn(again.url, { number });
    expect((await user.call('GET', '/user/me')).body.subscription_tier).toBe('Pro');
  },
);
