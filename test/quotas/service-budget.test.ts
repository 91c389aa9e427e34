/** The ceiling of the service: past what all calls of a day may cost nothing is accepted, and the operator sees it come. */
import { expect } from 'vitest';
import { signIn } from '../client.ts';
import { productTest } from '../fixtures.ts';

const it = productTest({ environment: { SERVICE_DAILY_COST_USD: '0.5' } });

it('refuses questions with 503, charges nothing, and is told in metrics', async ({ url, user, sql }) => {
  const roomId = await user.room();
  const first = await user.ask(roomId, 'One?');
  expect(first.status).toBe(202);
  await user.waitForReply(roomId, { messageId: first.body.id });
  const spend = (when: string) =>
    sql(`insert into usage_entries (purpose, model, asked_model, prompt_tokens, cached_tokens, audio_tokens, answer_tokens,
        thinking_tokens, cost_micros, is_estimate, created_at)
      values ('reply', 'any', 'any', 0, 0, 0, 0, 0, 500000, false, ${when})`);
  await spend(`pollux_today()::timestamp at time zone 'utc' - interval '1 millisecond'`);
  await spend('pollux_now()');
  const read = async () => await (await fetch(`${url}/metrics`)).text();
  await expect.poll(read, { timeout: 10_000 }).toMatch(/^pollux_service_cost_dollars 0\.5/m);
  expect(await read()).toMatch(/^pollux_service_cost_limit_dollars 0\.5$/m);
  for (const path of ['message', `messages/${first.body.reply.id}/regenerate`]) {
    const refused = await user.call('POST', `/chatroom/${roomId}/${path}`, { body: { content: 'Two?' } });
    expect(refused).toMatchObject({ status: 503, body: { code: 'service_budget_reached' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(1);
  const other = await signIn(url);
  expect((await other.ask(await other.room(), 'Me too?')).status).toBe(503);
});
