/** The countries that codes are sent to, and the warning about unused codes. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect } from 'vitest';
import { warnOfUnusedCodes } from '../../server/accounts/unused-codes.ts';
import { parseConfig } from '../../server/config/config.ts';
import { productTest } from '../fixtures.ts';
import { sqlOf } from '../sql.ts';
import { guess, sendCode, signUp } from './guessing.ts';
import { smsBox } from './sms-box.ts';

const box = smsBox();

const it = productTest({ environment: { SMS_COUNTRIES: 'US, gb' }, overrides: { sms: box.sms } });

describe('SMS_COUNTRIES', () => {
  it.for(['+14155550123', '+447400123456', '+447700900123'])('accepts %s', async (number, { url }) => {
    expect((await signUp(url, number)).status).toBe(201);
    expect((await sendCode(url, number)).status).toBe(200);
    await expect.poll(() => box.codesTo(number), { timeout: 10_000 }).toHaveLength(1);
  });

  it.for(['+16045550123', '+18765550123', '+491701234567', '+37120000000', '+1234567890', '+99912345678'])(
    'refuses %s, whether or not it has an account',
    async (number, { running, url }) => {
      const answers = [await signUp(url, number), await sendCode(url, number)];
      await sqlOf(running)(`insert into users (mobile_number, verified_at) values ($1, now())`, [number]);
      answers.push(await signUp(url, number), await sendCode(url, number));
      for (const { status, body } of answers) {
        expect(status).toBe(422);
        expect(body).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/mobile_number' }] });
      }
      // Guesses need no SMS.
      expect((await guess(url, number, '000000')).status).toBe(400);
      expect(box.codesTo(number)).toEqual([]);
    },
  );

  it.each([
    ['USA', 'must list ISO 3166 codes'],
    ['XX', 'must list ISO 3166 codes'],
    ['UK', 'must name the country GB instead of UK'],
  ])('is refused with %s', (SMS_COUNTRIES, sentence) => {
    expect(() => parseConfig({ SMS_COUNTRIES }, 'all')).toThrow(sentence);
  });
});

describe('the warning about SMS pumping', () => {
  it('names countries and ranges of numbers whose codes are not used, once per check', async ({ running, sql }) => {
    await sql('delete from otp_codes');
    /** Adds codes that expired within the last hour, `used` of which led to a sign-in. */
    const codes = (country: string, prefix: string, sent: number, used: number, ago = '30 minutes') =>
      sql(
        `insert into otp_codes (number_key, code_mac, expires_at, sms_at, country, prefix_key, used_at)
         select $1 || $2 || n || $5, 'mac', now() - interval '1 minute', now() - $5::interval, $1, $2,
           case when n <= $4::int then now() end from generate_series(1, $3::int) n`,
        [country, prefix, sent, used, ago],
      );
    await codes('LV', 'pumped-prefix-key', 40, 2);
    await codes('US', 'honest', 40, 30);
    await codes('FR', 'few', 9, 0);
    await codes('DE', 'yesterday', 50, 0, '2 hours');
    await sql(
      `insert into otp_codes (number_key, code_mac, expires_at, sms_at, country, prefix_key)
       select 'new' || n, 'mac', now() + interval '5 minutes', now(), 'ES', 'still-good' from generate_series(1, 50) n`,
    );
    const lines: Record<string, unknown>[] = [];
    const log = pino(
      { base: null, timestamp: false },
      new Writable({
        write(chunk, _, done) {
          lines.push(JSON.parse(String(chunk)));
          done();
        },
      }),
    );
    await warnOfUnusedCodes(running.product.parts.db, log);
    const facts = { level: 40, sent: 40, used: 2, msg: 'many SMS are not used' };
    expect(lines).toHaveLength(2);
    expect(lines).toEqual(
      expect.arrayContaining([
        { ...facts, country: 'LV' },
        { ...facts, prefix: 'pumped-prefix-ke' },
      ]),
    );
  });
});
