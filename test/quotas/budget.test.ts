/** The monthly cost of an account: includes reserves of open replies, and is never exceeded by more than those. */
import { describe, expect } from 'vitest';
import type { Client } from '../client.ts';
import { startFakeOpenAi } from '../fakes/openai.ts';
import { catalogFile } from '../catalog-file.ts';
import { scrape } from '../deploy/scrape.ts';
import { productTest } from '../fixtures.ts';
import type { Sql } from '../sql.ts';
import { goodCatalog } from '../start/bad-catalogs.ts';

const fake = await startFakeOpenAi();

const server = goodCatalog.models.find(({ id }) => id === 'local')!;
const [free] = goodCatalog.plans;
/** A call reserves 32,000 tokens read and 100 written: 32,000 + 1,000 micro-dollars. */
const price = { input: 1, output: 10, as_of: '2026-11-26' };
const reserve = 33_000;
const ours = { ...server, base_url: fake.url, max_answer_tokens: 100, price };
const plan = { ...free, daily_messages: null, replies_at_once: 5 };
const catalog = {
  models: [
    { ...ours, id: 'dear' },
    { ...ours, id: 'cheap', price: { ...price, input: 0, output: 0 } },
  ],
  plans: [
    { ...plan, id: 'Free', models: ['dear', 'cheap'], monthly_cost_usd: 0.5 },
    { ...plan, id: 'Fallback', models: ['dear', 'cheap'], monthly_cost_usd: 0.5, when_spent: 'cheap' },
    { ...plan, id: 'Unlimited', models: ['dear'], monthly_cost_usd: null },
  ],
};

const it = productTest({ environment: { CATALOG: catalogFile(catalog) } });

/** Records calls of this cost in this month. */
const spend = (sql: Sql, user: Client, micros: number) =>
  sql(
    `insert into usage_entries (user_id, purpose, model, asked_model, prompt_tokens, cached_tokens, audio_tokens,
        answer_tokens, thinking_tokens, cost_micros, is_estimate, created_at)
      select id, 'reply', 'dear', 'dear', 0, 0, 0, 0, 0, $2, false, now() from users where mobile_number = $1`,
    [user.number, micros],
  );
const setTier = (sql: Sql, user: Client, tier: string) =>
  sql(`update users set tier = $2 where mobile_number = $1`, [user.number, tier]);
const budgetOf = async (user: Client) => (await user.call('GET', '/subscribe/status')).body.budget;

function monthEnd(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString();
}

describe('a monthly cost', () => {
  it('is reported in per cent, also on the live feed', async ({ user, sql }) => {
    expect(await budgetOf(user)).toEqual({ used_percent: 0, resets_at: monthEnd() });
    await spend(sql, user, 200_000);
    expect(await budgetOf(user)).toEqual({ used_percent: 40, resets_at: monthEnd() });
    await using feed = await user.events();
    const roomId = await user.room();
    await user.ask(roomId, 'Why?');
    const { event } = await feed.next(({ type }) => type === 'quota.changed');
    expect(event).toMatchObject({ budget: { resets_at: monthEnd() } });
    expect((event as any).budget.used_percent).toBeGreaterThanOrEqual(40);
    await setTier(sql, user, 'Unlimited');
    expect(await budgetOf(user)).toBeNull();
  });

  it('that is spent refuses messages until the month ends, with the reason and without a charge', async ({
    user,
    sql,
  }) => {
    const roomId = await user.room();
    await spend(sql, user, 500_000);
    for (const headers of [{}, { 'idempotency-key': 'a-key' }]) {
      const refused = await user.ask(roomId, 'Why?', headers as Record<string, string>);
      expect(refused).toMatchObject({ status: 429, body: { code: 'budget_reached', resets_at: monthEnd() } });
      const waitMs = Number(refused.headers.get('retry-after')) * 1000;
      expect(Math.abs(Date.now() + waitMs - Date.parse(monthEnd()))).toBeLessThan(60_000);
    }
    expect(await budgetOf(user)).toMatchObject({ used_percent: 100 });
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(0);
  });

  it('is counted from 80 per cent on, and when it refuses', async ({ user, sql, url }) => {
    const metrics = await scrape(url);
    const grown = async (name: string) => ((await scrape(url)).value(name) ?? 0) - (metrics.value(name) ?? 0);
    const near = (plan: string) => grown(`pollux_messages_near_budget_total{plan="${plan}"}`);
    const refused = () => grown('pollux_budget_refusals_total');
    const roomId = await user.room();
    await spend(sql, user, 300_000);
    const first = await user.ask(roomId, 'Why?');
    await user.waitForReply(roomId, { messageId: first.body.id });
    expect([await near('Free'), await refused()]).toEqual([0, 0]);
    await spend(sql, user, 100_000);
    expect((await user.ask(roomId, 'Why?')).status).toBe(202);
    expect([await near('Free'), await near('Fallback'), await refused()]).toEqual([1, 0, 0]);
    await spend(sql, user, 100_000);
    expect((await user.ask(roomId, 'Why?')).status).toBe(429);
    expect([await near('Free'), await refused()]).toEqual([1, 1]);
    expect((await scrape(url)).value('pollux_model_price_missing{model="dear"}')).toBe(0);
  });

  it('counts only calls of this month', async ({ user, sql }) => {
    const roomId = await user.room();
    await spend(sql, user, 500_000);
    await sql(
      `update usage_entries set created_at = pollux_month() - interval '1 millisecond'
      where user_id = (select id from users where mobile_number = $1)`,
      [user.number],
    );
    expect((await user.ask(roomId, 'Why?')).status).toBe(202);
  });

  it('that is spent switches to the model for that case, if the plan has one', async ({ user, sql }) => {
    await setTier(sql, user, 'Fallback');
    const roomId = await user.room();
    const first = await user.ask(roomId, 'One?');
    expect(await user.waitForReply(roomId, { messageId: first.body.id })).toMatchObject({ model: 'dear' });
    await spend(sql, user, 500_000);
    const second = await user.ask(roomId, 'Two?');
    const reply = await user.waitForReply(roomId, { messageId: second.body.id });
    expect(reply).toMatchObject({ model: 'cheap', fallback_from: 'dear' });
  });

  it('is exceeded by no more than the reserves of open replies, with 200 concurrent questions', async ({
    user,
    sql,
  }) => {
    const rooms = await Promise.all(Array.from({ length: 10 }, () => user.room()));
    await spend(sql, user, 500_000 - 3 * reserve + 1);
    const questions = Array.from({ length: 200 }, (_, n) => user.ask(rooms[n % 10]!, `Question ${n} [[first:60000]]`));
    const answers = await Promise.all(questions);
    const accepted = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status !== 202);
    // The reserves of three are one micro-dollar less than the remaining budget.
    expect(accepted).toHaveLength(3);
    for (const { status, body, headers } of refused) {
      expect([status, body.code]).toEqual([429, 'budget_reached']);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
    }
    const [row] = await sql<{ reserved: number }>(
      `select pollux_reserved(id)::int as reserved from users where mobile_number = $1`,
      [user.number],
    );
    expect(row!.reserved).toBe(3 * reserve);
  });
});
