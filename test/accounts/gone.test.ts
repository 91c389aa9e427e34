/** Every credential of an ended session is refused by every process, also after a restart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, openEventStream, request, signIn, type Client, type EventStream } from '../client.ts';
import { tokenLike } from '../contract/world.ts';
import { distributedPlace, startProduct, type Environment, type Place, type RunningProduct } from '../harness.ts';
import { services } from '../services.ts';
import { connectSql, sqlOf, type Sql } from '../sql.ts';
import { guess, sendCode } from './guessing.ts';

const withinMs = 1000;

/** Credentials of a device with open feeds. */
interface Device {
  readonly client: Client;
  readonly sessionId: string;
  readonly ticket: string;
  readonly feeds: readonly EventStream[];
}

const sessionOf = ({ tokens }: Client): string =>
  JSON.parse(Buffer.from(tokens.access_token.split('.')[1]!, 'base64url').toString()).sid;

const ticketFor = async (client: Client): Promise<string> => (await client.call('POST', '/events/ticket')).body.ticket;

/** The ways in which a session ends. */
const endings: Readonly<Record<string, (device: Device, sql: Sql, url: string) => Promise<unknown>>> = {
  'signed out': ({ client }) => client.call('POST', '/auth/logout'),
  'ended by another device': async ({ client, sessionId }, _, url) => {
    const { otp } = (await sendCode(url, client.number)).body;
    const other = clientOf(url, client.number, (await guess(url, client.number, otp)).body);
    return other.call('DELETE', `/user/sessions/${sessionId}`);
  },
  // The column rounds to milliseconds, so that `now()` may be stored as a time in the future.
  expired: ({ sessionId }, sql) =>
    sql(`update sessions set expires_at = now() - interval '1 millisecond' where id = $1`, [sessionId]),
  'of a deleted account': ({ client }, sql) => sql(`delete from users where mobile_number = $1`, [client.number]),
};

/** Status of the response to a credential. */
const credentials: Readonly<Record<string, (device: Device, url: string) => Promise<number>>> = {
  'access token': async ({ client }, url) => (await client.call('GET', '/user/sessions', { url })).status,
  'feed by token': async ({ client }, url) => {
    const { authorization } = { authorization: `Bearer ${client.tokens.access_token}` };
    const { status, body } = await fetch(`${url}/events`, { headers: { authorization } });
    await body?.cancel();
    return status;
  },
  ticket: async ({ ticket }, url) => {
    const { status, body } = await fetch(`${url}/events?ticket=${ticket}`);
    await body?.cancel();
    return status;
  },
  'refresh token': async ({ client: { tokens } }, url) =>
    (await request('POST', `${url}/auth/refresh`, { body: { refresh_token: tokens.refresh_token } })).status,
};

/** Restarts, each with a different token lifetime. */
const restarts: Readonly<Record<string, Environment>> = {
  'with the same settings': {},
  'with tokens of a minute': { ACCESS_TOKEN_EXPIRE_MINUTES: '1' },
  'with tokens of a year': { ACCESS_TOKEN_EXPIRE_MINUTES: '525600' },
};

describe.skipIf(!services.postgres || !services.redis)('an ended session', () => {
  let place: Place;
  let here: RunningProduct;
  let there: RunningProduct;
  let devices: Map<string, Device>;
  let survivor: Device;

  beforeAll(async () => {
    place = await distributedPlace();
    [here, there] = [await startProduct(place, { role: 'api' }), await startProduct(place, { role: 'api' })];
    const names = Object.keys(endings);
    devices = new Map(await Promise.all(names.map(async (name) => [name, await newDevice()] as const)));
    survivor = await newDevice();
  });
  afterAll(() => place[Symbol.asyncDispose]());

  async function newDevice(): Promise<Device> {
    const client = await signIn(here.url);
    const byTicket = `${there.url}/events?ticket=${await ticketFor(client)}`;
    const feeds = [await client.events({ url: there.url }), await openEventStream(byTicket, {})];
    return { client, sessionId: sessionOf(client), ticket: await ticketFor(client), feeds };
  }

  /** All credentials of a device. */
  async function letIn(url: string): Promise<string[]> {
    const cells = [...devices].flatMap(([ending, device]) =>
      Object.entries(credentials).map(async ([credential, use]) => {
        const status = await use(device, url);
        return status === 401 ? [] : [`${credential} of a session ${ending}: ${status}`];
      }),
    );
    return (await Promise.all(cells)).flat();
  }

  it('is refused everywhere after a second, and its feeds are closed', async () => {
    const feedsLeft: string[] = [];
    for (const [name, device] of devices) {
      expect(await credentials['access token']!(device, there.url), name).toBe(200);
      await endings[name]!(device, sqlOf(here), here.url);
      const timeout = new Promise((resolve) => setTimeout(resolve, withinMs, 'open'));
      const ends = await Promise.all(device.feeds.map(({ ended }) => Promise.race([ended, timeout])));
      if (ends.includes('open')) feedsLeft.push(name);
    }
    expect([...feedsLeft, ...(await letIn(there.url)), ...(await letIn(here.url))]).toEqual([]);
    expect(await credentials['access token']!(survivor, there.url)).toBe(200);
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
    // Moves the end back by two hours and runs housekeeping.
    await using connection = await connectSql(place);
    await connection.sql(`update sessions set revoked_at = revoked_at - interval '2 hours'`);
    await connection.sql(`delete from ended_sessions`);
  });

  it.each(Object.entries(restarts))('stays refused after a restart two hours later, %s', async (_, environment) => {
    await using running = await startProduct(place, { role: 'api', environment });
    expect(await letIn(running.url)).toEqual([]);
    const { client } = survivor;
    expect((await client.call('GET', '/user/me', { url: running.url })).status).toBe(200);
  });
});

describe.skipIf(!services.postgres || !services.redis)('a deleted account', () => {
  it('gets no 5xx before every process has learned of it', async () => {
    await using place = await distributedPlace();
    await using api = await startProduct(place, { role: 'api' });
    const sql = sqlOf(api);
    for (const [method, path, body] of [
      ['POST', '/chatroom', { name: 'Too late' }],
      ['POST', '/events/ticket', undefined],
      ['POST', '/chatroom/1/message', { content: 'Too late' }],
      ['GET', '/user/me', undefined],
      ['GET', '/subscribe/status', undefined],
    ] as const) {
      const client = await signIn(api.url);
      await sql(`delete from users where mobile_number = $1`, [client.number]);
      const { status } = await client.call(method, path, body === undefined ? {} : { body });
      expect([401, 404], `${method} ${path}: ${status}`).toContain(status);
    }
  });
});

describe.skipIf(!services.postgres || !services.redis)('a feed', () => {
  it('ends with the token it was opened with, or that created its ticket', async () => {
    await using place = await distributedPlace();
    await using api = await startProduct(place, { role: 'api' });
    const client = await signIn(api.url);
    const tokens = { ...client.tokens, access_token: await tokenLike(client, 2) };
    const short = clientOf(api.url, client.number, tokens);
    const ticket = await ticketFor(short);
    const startedAt = performance.now();
    await using byToken = await short.events();
    await using byTicket = await openEventStream(`${api.url}/events?ticket=${ticket}`, {});
    await Promise.all([byToken.ended, byTicket.ended]);
    expect(performance.now() - startedAt).toBeLessThan(2000 + withinMs);
  }, 10_000);
});
