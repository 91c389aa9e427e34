/** Roll-ups of the ledger: the page equals it after late, repeated and concurrent runs, and after late rows. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AdminUsage } from '../../contract/admin-usage.ts';
import { rollUpDays } from '../../server/admin/roll-up.ts';
import type { UsageGroup } from '../../server/admin/usage-store.ts';
import { readUsageReport } from '../../server/admin/usage.ts';
import type { Database } from '../../server/ports/database.ts';
import { builtInPlans } from '../built-in-plans.ts';
import { databases } from '../databases.ts';
import { anyOf, randomFrom, seed, type Random } from '../random.ts';

interface Entry {
  readonly at: string;
  readonly userId: number | null;
  readonly messageId: number | null;
  readonly model: string;
  readonly tier: string | null;
  readonly tokens: number;
  readonly cost: number;
  readonly firstText: number | null;
}

const daysBack = 12;
const dayMs = 86_400_000;
// Of several blocks, and at the ends of one.
const userIds = [1, 2, 1023, 1024, 1025, 2047, 2048, 70_001];
const models = ['fast', 'slow'];
const plans = builtInPlans(5);
const groups = ['day', 'model', 'plan'] as const;

function someEntry(random: Random, now: number): Entry {
  return {
    at: new Date(now - random(daysBack * dayMs)).toISOString(),
    userId: random(10) === 0 ? null : anyOf(random, userIds),
    messageId: random(5) === 0 ? null : 1 + random(60),
    model: anyOf(random, models),
    tier: anyOf(random, ['Basic', 'Pro', null]),
    tokens: random(5000),
    cost: random(1_000_000),
    firstText: random(4) === 0 ? null : 1 + random(20_000),
  };
}

const keyOf: Readonly<Record<UsageGroup, (entry: Entry) => string>> = {
  day: ({ at }) => at.slice(0, 10),
  model: ({ model }) => model,
  plan: ({ tier }) => tier ?? 'none',
};

/** What the report has to say of each key. */
function expected(entries: readonly Entry[], group: UsageGroup): Map<string, Partial<AdminUsage>> {
  const byKey = Map.groupBy(entries, keyOf[group]);
  return new Map(
    [...byKey].map(([key, rows]) => {
      const sum = (of: (entry: Entry) => number) => rows.reduce((total, row) => total + of(row), 0);
      const messages = new Set(
        rows.filter(({ messageId }) => messageId !== null).map((row) => `${row.at.slice(0, 10)} ${row.messageId}`),
      );
      return [
        key,
        {
          messages: messages.size,
          active_accounts: new Set(rows.flatMap(({ userId }) => userId ?? [])).size,
          calls: rows.length,
          prompt_tokens: sum(({ tokens }) => tokens),
          answer_tokens: sum(({ tokens }) => 2 * tokens),
          cost_usd: sum(({ cost }) => cost) / 1_000_000,
        },
      ];
    }),
  );
}

function quantile(entries: readonly Entry[], share: number): number {
  const times = entries.flatMap(({ firstText }) => firstText ?? []).toSorted((a, b) => a - b);
  return times[Math.ceil(share * times.length) - 1]!;
}

for (const { name, open, present } of databases.filter(({ name: one }) => !one.includes('PgBouncer'))) {
  describe.skipIf(!present)(`usage on ${name}, rolled up`, { timeout: 60_000 }, () => {
    const random = randomFrom(seed);
    const now = Date.now();
    let db: Database;
    let entries: Entry[];

    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db[Symbol.asyncDispose]());
    beforeEach(async () => {
      const tables = ['usage_entries', 'usage_days', 'usage_rollups', 'usage_first_texts', 'usage_accounts'];
      await db.execute(`truncate users, ${tables.join(', ')} cascade`, []);
      await db.execute(
        `insert into users (id, mobile_number) overriding system value select id, '+1415' || id from unnest($1::text[]::bigint[]) as id`,
        [userIds.map(String)],
      );
      entries = Array.from({ length: 300 }, () => someEntry(random, now));
      await write(entries);
    });

    async function add(entry: Entry): Promise<void> {
      entries.push(entry);
      await write([entry]);
    }

    async function write(rows: readonly Entry[]): Promise<void> {
      await db.execute(
        `insert into usage_entries (user_id, message_id, attempt, purpose, tier, model, asked_model, prompt_tokens, cached_tokens,
           audio_tokens, answer_tokens, thinking_tokens, cost_micros, is_estimate, first_text_ms, created_at)
         select "userId", "messageId", 1, 'reply', tier, model, model, tokens, 0, 0, 2 * tokens, 0, cost, false, "firstText", at
         from jsonb_to_recordset($1::jsonb) as entry ("userId" bigint, "messageId" bigint, tier text, model text, tokens int,
           cost bigint, "firstText" int, at timestamptz)`,
        [JSON.stringify(rows)],
      );
    }

    async function report(by: UsageGroup): Promise<AdminUsage[]> {
      const from = new Date(now - (daysBack + 3) * dayMs).toISOString().slice(0, 10);
      return readUsageReport({ db, plans }, { by, from });
    }

    async function expectToEqualTheLedger(when: string): Promise<void> {
      for (const by of groups) {
        const rows = (await report(by)).filter(({ calls }) => calls > 0);
        const wanted = expected(entries, by);
        expect(new Set(rows.map(({ key }) => key)), when).toEqual(new Set(wanted.keys()));
        for (const row of rows) expect(row, `${by} ${row.key}, ${when}`).toMatchObject(wanted.get(row.key)!);
      }
    }

    const rollUp = () => rollUpDays(db, new AbortController().signal);
    const rolled = async () =>
      (await db.execute<{ day: string }>('select day::text from usage_days where rolled_at is not null', [])).length;

    it('equals the ledger before the first run, after it, and after more of them', async () => {
      await expectToEqualTheLedger('before');
      await rollUp();
      expect(await rolled()).toBeGreaterThanOrEqual(daysBack - 2);
      await expectToEqualTheLedger('rolled up');
      const before = await db.execute('select * from usage_rollups order by dimension, day, key', []);
      expect(before.length).toBeGreaterThan(daysBack);
      await rollUp();
      await db.execute('update usage_days set rolled_at = null', []);
      await rollUp();
      expect(await db.execute('select * from usage_rollups order by dimension, day, key', [])).toEqual(before);
    });

    it('reads days that are rolled up from the roll-ups, and the open day from the ledger', async () => {
      await rollUp();
      await db.execute('truncate usage_entries', []);
      const day = new Date(now).toISOString().slice(0, 10);
      const left = (await report('day')).filter(({ calls }) => calls > 0).map(({ key }) => key);
      expect(left.length).toBeGreaterThanOrEqual(daysBack - 2);
      expect(left).not.toContain(day);
    });

    it('equals the ledger at once after late rows, corrections and deletions, and after the next run', async () => {
      await rollUp();
      for (const change of ['added', 'corrected', 'deleted'] as const) {
        const days = await rolled();
        const old = entries.toSorted((a, b) => a.at.localeCompare(b.at))[20]!;
        if (change === 'added') await add({ ...old, messageId: 999, userId: 2048, cost: 77 });
        else entries = entries.filter((entry) => entry !== old);
        if (change === 'corrected') {
          entries.push({ ...old, cost: 123 });
          await db.execute(
            'update usage_entries set cost_micros = 123 where created_at = $1::timestamptz and cost_micros = $2',
            [old.at, old.cost],
          );
        }
        if (change === 'deleted') {
          await db.execute('delete from usage_entries where created_at = $1::timestamptz and cost_micros = $2', [
            old.at,
            old.cost,
          ]);
        }
        expect(await rolled(), change).toBe(days - 1);
        await expectToEqualTheLedger(`${change} late`);
        await rollUp();
        expect(await rolled(), change).toBe(days);
        await expectToEqualTheLedger(`rolled up after a row was ${change}`);
      }
    });

    it('loses no late row to a run at the same time', async () => {
      await rollUp();
      const late = Array.from({ length: 40 }, () => ({ ...someEntry(random, now - 2 * dayMs), messageId: null }));
      const runs = Array.from({ length: 8 }, async () => {
        await db.execute('update usage_days set rolled_at = null', []);
        await rollUp();
      });
      await Promise.all([...late.map(add), ...runs]);
      await expectToEqualTheLedger('during runs');
      await rollUp();
      await expectToEqualTheLedger('after them');
    });

    it('keeps what an erased account did', async () => {
      await rollUp();
      const closed = async () => (await report('day')).slice(0, -2);
      const before = await closed();
      await db.execute('delete from users where id = 1024', []);
      expect(await closed()).toEqual(before);
    });

    it('tells the median and the 95th percentile of the first text within 3 %', async () => {
      const check = async () => {
        for (const by of groups) {
          for (const row of (await report(by)).filter(({ first_token_p50_ms }) => first_token_p50_ms !== null)) {
            const own = entries.filter((entry) => keyOf[by](entry) === row.key);
            for (const [told, share] of [
              [row.first_token_p50_ms!, 0.5],
              [row.first_token_p95_ms!, 0.95],
            ] as const) {
              const exact = quantile(own, share);
              expect(Math.abs(told - exact), `${by} ${row.key} ${share}`).toBeLessThanOrEqual(0.03 * exact + 1);
            }
          }
        }
      };
      await check();
      await rollUp();
      await check();
    });
  });
}
