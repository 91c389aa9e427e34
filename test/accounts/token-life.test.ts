/** Expired tokens are refused, and so are tokens of ended sessions until they expire. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientOf, signIn, type Client } from '../client.ts';
import { tokenLike } from '../contract/world.ts';
import { anyPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { sqlOf } from '../sql.ts';

let place: Place;
let running: RunningProduct;
beforeEach(async () => {
  place = await anyPlace();
  running = await startProduct(place);
});
afterEach(async () => {
  vi.useRealTimers();
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const statusOf = async (user: Client) => (await user.call('GET', '/user/me')).status;

/** The same session with a token of this lifetime. */
async function shortLived(user: Client, lifeSeconds: number): Promise<Client> {
  return clientOf(running.url, user.number, { ...user.tokens, access_token: await tokenLike(user, lifeSeconds) });
}

/** Moves the end of every ended session back. */
const endedEarlier = (seconds: number) =>
  sqlOf(running)(`update sessions set revoked_at = revoked_at - make_interval(secs => $1)`, [seconds]);

describe('an access token', () => {
  it('expires on time, also if it was used before', async () => {
    const user = await signIn(running.url);
    const short = await shortLived(user, 2);
    expect([await statusOf(short), await statusOf(short)]).toEqual([200, 200]);
    await expect.poll(() => statusOf(short), { timeout: 4000 }).toBe(401);
    expect(await statusOf(user)).toBe(200);
  });
});

describe('a session that was signed out', () => {
  it('stays signed out after a later restart of the server', async () => {
    const user = await signIn(running.url);
    expect((await user.call('POST', '/auth/logout')).status).toBe(204);
    await endedEarlier(3600);
    await running[Symbol.asyncDispose]();
    running = await startProduct(place);
    expect(await statusOf(clientOf(running.url, user.number, user.tokens))).toBe(401);
  });

  it('stays signed out while the server keeps running', async () => {
    const [user, other] = [await signIn(running.url), await signIn(running.url)];
    expect((await user.call('POST', '/auth/logout')).status).toBe(204);
    await endedEarlier(120);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    // In short steps, each of which lets the server poll ended sessions.
    for (let passed = 0; passed < 120; passed += 3) {
      vi.setSystemTime(Date.now() + 3000);
      expect(await statusOf(other)).toBe(200);
    }
    expect(await statusOf(user)).toBe(401);
  });

  it('stays signed out when the process was frozen while it ended', async () => {
    const user = await signIn(running.url);
    expect(await statusOf(user)).toBe(200);
    // Another process signs it out, and this one is not notified for a minute.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    await sqlOf(running)(
      `update sessions set revoked_at = now() - interval '50 seconds' where user_id =
      (select id from users where mobile_number = $1)`,
      [user.number],
    );
    vi.setSystemTime(Date.now() + 60_000);
    expect(await statusOf(user)).toBe(401);
  });
});
