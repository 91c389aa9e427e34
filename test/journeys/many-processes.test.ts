/** Sign-in with each step at another process: four behind one port, and four with a port each. */
import { describe, expect, it } from 'vitest';
import { freshNumber, request, signIn, type Answer } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { distributedPlace, type Place } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { services } from '../services.ts';
import { connectSql } from '../sql.ts';

const processes = 4;
const signIns = scaled(100);
const atOnce = 10;
const frozenMs = 6000;
// A new connection for each request, because the primary distributes connections, not requests.
const alone = { connection: 'close' };

/** Signs up, signs in, refreshes and signs out; `urlOf` returns the URL of each step. Returns the statuses. */
async function signInAndOut(urlOf: (step: number) => string): Promise<number[]> {
  const mobile_number = freshNumber();
  const answers: Answer[] = [];
  const post = async (path: string, body?: object, headers = {}) => {
    const url = `${urlOf(answers.length)}${path}`;
    answers.push(await request('POST', url, { body, headers: { ...alone, ...headers } }));
    return answers.at(-1)!.body;
  };
  await post('/auth/signup', { mobile_number });
  const { otp } = await post('/auth/send-otp', { mobile_number });
  const { refresh_token } = await post('/auth/verify-otp', { mobile_number, otp });
  const { access_token } = await post('/auth/refresh', { refresh_token });
  await post('/chatroom', { name: 'Anywhere' }, { authorization: `Bearer ${access_token}` });
  await post('/auth/logout', undefined, { authorization: `Bearer ${access_token}` });
  return answers.map(({ status }) => status);
}

async function signInMany(urlOf: (person: number, step: number) => string): Promise<void> {
  for (let person = 0; person < signIns; person += atOnce) {
    const statuses = await Promise.all(
      Array.from({ length: atOnce }, (_, n) => signInAndOut((step) => urlOf(person + n, step))),
    );
    for (const one of statuses) expect(one).toEqual([201, 200, 200, 200, 201, 204]);
  }
}

/** The processes that answered requests, by the pids in their logs. */
function answeringPids(output: string): Set<string> {
  return new Set([...output.matchAll(/"pid":(\d+).*"msg":"answered"/g)].map(([, pid = '']) => pid));
}

/** After a freeze of any length, a process learns of the sign-outs it missed. */
async function expectSignOutToReachTheFrozen(running: readonly RunningProcess[], place: Place): Promise<void> {
  const [frozen, other] = [running[0]!, running[1]!];
  await using connection = await connectSql(place);
  const user = await signIn(frozen.url);
  const isSignedIn = async () => (await user.call('GET', '/user/me', { headers: alone })).status;
  expect(await isSignedIn()).toBe(200);
  await frozen.kill('SIGSTOP');
  const frozenAt = Date.now();
  expect((await user.call('POST', '/auth/logout', { url: other.url })).status).toBe(204);
  await connection.sql(
    `update sessions set revoked_at = revoked_at - interval '10 minutes' where revoked_at is not null`,
  );
  await expect.poll(() => Date.now() - frozenAt, { timeout: 2 * frozenMs }).toBeGreaterThan(frozenMs);
  await frozen.kill('SIGCONT');
  await expect.poll(isSignedIn, { timeout: 1000 }).toBe(401);
}

describe.skipIf(!services.postgres || !services.redis)(`${signIns} sign-ins over ${processes} API processes`, () => {
  it('behind one port', { timeout: 120_000 + signIns * 600 }, async () => {
    await using place = await distributedPlace();
    const environment = { ...place.environment, WEB_CONCURRENCY: String(processes), LOG_LEVEL: 'info' };
    await using running = await startProcess(environment, 'api');
    const isEverywhere = async () => {
      await Promise.all(Array.from({ length: 8 }, () => request('GET', running.url, { headers: alone })));
      return answeringPids(running.output()).size;
    };
    await expect.poll(isEverywhere, { timeout: 100_000 }).toBe(processes);
    await signInMany(() => running.url);
    expect(await running.kill('SIGTERM')).toBe(0);
  });

  it('with a port each', { timeout: 120_000 + signIns * 600 }, async () => {
    await using place = await distributedPlace();
    await using stack = new AsyncDisposableStack();
    const running = await Promise.all(Array.from({ length: processes }, () => startProcess(place.environment, 'api')));
    for (const one of running) stack.use(one);
    await signInMany((person, step) => running[(person + step) % processes]!.url);
    await expectSignOutToReachTheFrozen(running, place);
  });
});
