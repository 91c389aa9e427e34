/** A name of a model that the vendor retires: seen at the start before anybody asks, and passed over under load. */
import { describe, expect } from 'vitest';
import { catalogFile } from '../catalog-file.ts';
import { scrape } from '../deploy/scrape.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { productTest } from '../fixtures.ts';
import { askAt } from '../harness.ts';
import { goodCatalog } from '../start/bad-catalogs.ts';

const names = ['gemini-3.5-flash-lite', 'gemini-2.5-flash-lite', 'gemini-3.5-pro'];
/** Models that exist; changed by the test. */
const known = [...names];
const fake = await startFakeGemini({ models: known });

const [fast, deep] = goodCatalog.models;
const [free] = goodCatalog.plans;
const catalog = {
  models: [fast, { ...deep, candidates: ['gemini-3.5-gone', 'gemini-3.5-pro'] }],
  plans: [{ ...free, daily_messages: null, monthly_cost_usd: null, models: ['fast', 'deep'], replies_at_once: 20 }],
};
const questions = 40;

const it = productTest({ environment: { CATALOG: catalogFile(catalog), ...askAt(fake) } });

describe('a retired name', () => {
  const metric = async (url: string, name: string) => (await scrape(url)).value(name);

  it('is counted at the start, and the next one is asked at once', async ({ url, user }) => {
    const unknown = (model: string) => metric(url, `pollux_model_names_unknown{model="${model}"}`);
    await expect.poll(() => unknown('deep'), { timeout: 10_000 }).toBe(1);
    expect(await unknown('fast')).toBe(0);
    const roomId = await user.room();
    await user.call('POST', `/chatroom/${roomId}/message`, { body: { content: 'Deep?', model: 'deep' } });
    expect(await user.waitForReply(roomId)).toMatchObject({ status: 'complete', model: 'deep' });
    expect(fake.requests().map(({ model }) => model)).not.toContain('gemini-3.5-gone');
  });

  it('in the middle of a load fails no reply, and is counted', async ({ url, user }) => {
    const gone = () => metric(url, 'pollux_model_names_gone_total{model="fast"}');
    expect(await gone()).toBe(0);
    const rooms = await Promise.all(Array.from({ length: questions }, () => user.room()));
    const replies = await Promise.all(
      rooms.map(async (roomId, n) => {
        if (n === questions / 2) known.splice(known.indexOf(names[0]!), 1);
        await user.ask(roomId, `Question ${n} [[delay:5]]`);
        return user.waitForReply(roomId, { timeoutMs: 60_000 });
      }),
    );
    expect(replies.map(({ status }) => status)).toEqual(rooms.map(() => 'complete'));
    expect(await gone()).toBeGreaterThan(0);
    expect(new Set(fake.requests().map(({ model }) => model))).toContain(names[1]);
  });
});
