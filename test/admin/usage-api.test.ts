/** Usage and cost for operators equal the ledger: by day, model and plan, retries and failures included. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';

interface Row {
  readonly key: string;
  readonly [member: string]: unknown;
}

describeModes('usage, for operators', (mode) => {
  const cleanUp = new AsyncDisposableStack();
  let running: RunningProduct;
  let sql: Sql;
  let admin: Client;
  let users: Client[];

  beforeAll(async () => {
    const gemini = cleanUp.use(await startFakeGemini());
    const place = cleanUp.use(await mode.place());
    running = cleanUp.use(await startProduct(place, { environment: askAt(gemini) }));
    sql = sqlOf(running);
    admin = await signIn(running.url);
    users = [await signIn(running.url), await signIn(running.url)];
    await sql(`update users set role = 'admin' where mobile_number = $1`, [admin.number]);
    await vi.waitFor(async () => expect((await admin.call('GET', '/admin/usage')).status).toBe(200), 10_000);
    await sql(`update users set tier = 'Pro' where mobile_number = $1`, [users[1]!.number]);
    for (const [user, question] of [
      [users[0]!, 'One'],
      [users[0]!, 'Two [[cut:2x1]]'],
      [users[1]!, 'Three'],
      [users[1]!, 'Refused [[fail:400]]'],
    ] as const) {
      const roomId = await user.room();
      await user.ask(roomId, question);
      await user.waitForReply(roomId);
    }
  });
  afterAll(() => cleanUp.disposeAsync());

  const read = async (query = ''): Promise<Row[]> => (await admin.call('GET', `/admin/usage${query}`)).body;
  const ledger = async () => {
    const [row] = await sql<
      Record<string, number>
    >(`select count(*)::int as calls, sum(prompt_tokens)::int as prompt_tokens,
      sum(answer_tokens)::int as answer_tokens, (sum(cost_micros) / 1e6)::float8 as cost_usd from usage_entries`);
    return row!;
  };

  it('is a row for each day without gaps, which equals the ledger', async () => {
    const days = await read();
    expect(days).toHaveLength(30);
    expect(days.map(({ key }) => key)).toEqual(days.map(({ key }) => key).toSorted());
    expect(days.at(-1)).toMatchObject({ ...(await ledger()), active_accounts: 2, failures: 1, refunds: 1 });
    expect(days.at(-1)!.messages).toBeGreaterThanOrEqual(3);
    expect(days.at(-1)!.calls).toBeGreaterThan(days.at(-1)!.messages as number);
    expect(days.at(-1)!.cost_usd).toBeGreaterThan(0);
    expect(days.slice(0, -1).every(({ calls, failures }) => calls === 0 && failures === 0)).toBe(true);
    const today = days.at(-1)!.key;
    expect(await read(`?from=${today}&to=${today}`)).toEqual([days.at(-1)]);
  });

  it('is the same in all by model and by plan', async () => {
    const [day] = (await read()).slice(-1);
    const models = await read('?by=model');
    expect(models).toMatchObject([
      { key: 'gemini-3.5-flash-lite', calls: day!.calls, cost_usd: day!.cost_usd, failures: 1 },
    ]);
    const plans = await read('?by=plan');
    expect(plans.map(({ key }) => key).toSorted()).toEqual(['Basic', 'Pro']);
    expect(plans).toContainEqual(
      expect.objectContaining({ key: 'Basic', messages: 2, active_accounts: 1, failures: 0 }),
    );
    expect(plans).toContainEqual(expect.objectContaining({ key: 'Pro', active_accounts: 1, failures: 1, refunds: 1 }));
    expect(day).toMatchObject({ upgrades: 1, revenue: [] });
    expect(plans).toContainEqual(expect.objectContaining({ key: 'Pro', upgrades: 1 }));
    expect(plans).toContainEqual(expect.objectContaining({ key: 'Basic', upgrades: 0 }));
    const calls = plans.reduce((sum, row) => sum + (row.calls as number), 0);
    expect(calls).toBe(day!.calls);
  });

  it('tells how long the first text of a reply took', async () => {
    const times = await sql<{ ms: number }>(
      `select first_text_ms as ms from usage_entries where first_text_ms is not null and purpose = 'reply' order by 1`,
    );
    expect(times.length).toBeGreaterThanOrEqual(3);
    const middle = times[Math.ceil(times.length / 2) - 1]!.ms;
    const [day] = (await read()).slice(-1);
    expect(Math.abs((day!.first_token_p50_ms as number) - middle)).toBeLessThanOrEqual(1 + 0.03 * middle);
    expect(day!.first_token_p95_ms).toBeGreaterThanOrEqual(day!.first_token_p50_ms as number);
    expect((await read('?by=plan')).map(({ first_token_p50_ms }) => first_token_p50_ms)).not.toContain(0);
  });

  it('keeps failures of rooms and accounts that are deleted', async () => {
    const [before] = (await read()).slice(-1);
    await sql(`delete from chatrooms where user_id in (select user_id from replies where status = 'failed')`);
    expect(await sql(`select from replies where status = 'failed'`)).toEqual([]);
    expect((await read()).at(-1)).toMatchObject({ failures: before!.failures, refunds: before!.refunds });
  });

  it('tells of each account what it cost, this month and so far', async () => {
    const { id } = (await users[0]!.call('GET', '/user/me')).body;
    const [{ cost }] = (await sql<{ cost: number }>(
      `select (sum(cost_micros) / 1e6)::float8 as cost from usage_entries where user_id = $1`,
      [id],
    )) as [{ cost: number }];
    expect(cost).toBeGreaterThan(0);
    await sql(
      `insert into usage_entries (user_id, purpose, model, asked_model, prompt_tokens, cached_tokens, audio_tokens,
         answer_tokens, thinking_tokens, cost_micros, is_estimate, created_at)
       values ($1, 'title', 'm', 'm', 0, 0, 0, 0, 0, 2000000, false, now() - interval '40 days')`,
      [id],
    );
    const listed = (await admin.call('GET', `/admin/users?q=${id}`)).body as { id: number }[];
    expect(listed.find((user) => user.id === id)).toMatchObject({ month_cost_usd: cost });
    const { body } = await admin.call('GET', `/admin/users/${id}`);
    expect(body).toMatchObject({ month_cost_usd: cost, revenue: [] });
    expect(body.total_cost_usd).toBeCloseTo(cost + 2, 6);
  });

  it.each(['from=2026-11-02&to=2026-11-01', 'from=2026-01-01&to=2026-11-01', 'from=yesterday', 'by=phone'])(
    'refuses %s',
    async (query) => {
      expect((await admin.call('GET', `/admin/usage?${query}`)).status).toBe(422);
    },
  );
});
