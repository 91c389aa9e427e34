/** The status page: what works and what does not, without details, cached, in the reader's language. */
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { readiness } from '../../server/health/readiness.ts';
import { readStatus } from '../../server/health/status-page.ts';
import { sellingTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';

const testIn = (mode: Mode) =>
  sellingTest({ mode })
    .extend('look', ({ url }) => async (language = 'en') => {
      const answer = await fetch(`${url}/app/status`, { headers: { 'accept-language': language } });
      expect(answer.status).toBe(200);
      return { headers: answer.headers, page: await answer.text() };
    })
    .extend('rows', ({ look }) => async () => {
      const { page } = await look();
      const rows = page.matchAll(/<th scope="row">([^<]+)<\/th><td>([^<]+)<\/td>/g);
      return Object.fromEntries([...rows].map(([, part, state]) => [part, state]));
    });

testModes('the status page', testIn, (it) => {
  it('tells that everything works, without a script, and is not cached by others', async ({ look, rows }) => {
    await expect.poll(rows).toEqual({ 'Sign-in': 'Works', Answers: 'Works', Payments: 'Works' });
    const { headers, page } = await look();
    expect(page).toContain('<h1>Everything works</h1>');
    expect(page).not.toContain('<script');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('refresh')).toBe('60');
  });

  it('tells which part does not work, and nothing about why', async ({ running, sql, look, rows }) => {
    await sql(
      `insert into billing_events (event_id, type, customer_id, state, received_at)
       values ('evt_late', 'invoice.paid', 'cus_1', 'received', now() - interval '11 minutes')`,
    );
    await expect
      .poll(rows, { timeout: 5000 })
      .toEqual({ 'Sign-in': 'Works', Answers: 'Works', Payments: 'Does not work' });
    const { page } = await look();
    expect(page).toContain('<h1>Something does not work</h1>');
    expect(page).not.toMatch(/stripe|billing|event|database|redis|worker/i);
    await sql(`delete from billing_events`);
    const [{ id }] = running.product.parts.catalog.models;
    await sql(`insert into model_pauses (model, until, missing_since) values ($1, now() + interval '1 hour', now())`, [
      id,
    ]);
    await expect
      .poll(rows, { timeout: 5000 })
      .toEqual({ 'Sign-in': 'Works', Answers: 'Does not work', Payments: 'Works' });
    await sql(`delete from model_pauses`);
  });

  it('is in the language of the reader', async ({ look }) => {
    const { headers, page } = await look('ar');
    expect(headers.get('content-language')).toBe('ar');
    expect(headers.get('vary')).toContain('Accept-Language');
    expect(page).toContain('<html lang="ar" dir="rtl">');
    expect(page).not.toContain('Sign-in');
  });
});

it('looks once a second at most, however many read it', async () => {
  const looked = { database: 0, billing: 0 };
  const count = (name: 'database' | 'billing') =>
    readiness([{ name, vital: false, run: async () => void looked[name]++ }], pino({ level: 'silent' }));
  const deps = { readOutcomes: count('database'), readBilling: count('billing') };
  const all = await Promise.all(Array.from({ length: 100 }, () => readStatus(deps)));
  expect(all.every((states) => [...states.values()].every(Boolean))).toBe(true);
  expect(looked).toEqual({ database: 1, billing: 1 });
  expect([...(await readStatus({ ...deps, readBilling: null })).keys()]).toEqual(['sign-in', 'answers']);
});
