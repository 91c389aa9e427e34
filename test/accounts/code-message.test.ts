/** The text of the SMS, and the line with which a browser fills in the code on the right site only. */
import { expect, it, vi } from 'vitest';
import { consoleSms } from '../../server/adapters/sms/console.ts';
import { startFakeTwilio } from '../fakes/twilio.ts';
import { anyPlace, startProduct, type Environment } from '../harness.ts';
import { guess, sendCode, signUp } from './guessing.ts';

const number = '+14155550123';

/** The lines of the SMS that the console shows. */
async function linesOnConsole(environment: Environment): Promise<{ lines: string[]; code: string }> {
  let shown = '';
  await using place = await anyPlace();
  const sms = consoleSms((text) => {
    shown += text;
  });
  await using running = await startProduct(place, { environment, overrides: { sms } });
  await signUp(running.url, number);
  const { otp: code } = (await sendCode(running.url, number)).body;
  await vi.waitUntil(() => shown.includes('└─'));
  const lines = shown.split('\n').filter((line) => line.startsWith('│'));
  return { lines: lines.map((line) => line.slice(2)), code };
}

it('ends with the host of FRONTEND_URL and the code, as browsers read it', async () => {
  const addresses = ['http://chat.example.com', 'http://chat.example.com:3000/app/', 'http://CHAT.example.com'];
  for (const FRONTEND_URL of addresses) {
    const { lines, code } = await linesOnConsole({ FRONTEND_URL });
    expect(code).toMatch(/^\d{6}$/);
    expect(lines.at(-1), FRONTEND_URL).toBe(`@chat.example.com #${code}`);
    expect(lines[0]).toContain(`${code} is your Pollux code.`);
  }
});

it('has no such line while the host is not known', async () => {
  const { lines, code } = await linesOnConsole({});
  expect(lines).toEqual([
    `${code} is your Pollux code. It works for 5 minutes. Nobody from Pollux will ever ask for it.`,
  ]);
});

it('is sent through Twilio with that line, in one segment, and the code works', async () => {
  await using fake = await startFakeTwilio();
  await using place = await anyPlace();
  const environment = {
    SMS_PROVIDER: 'twilio',
    TWILIO_ACCOUNT_SID: fake.accountSid,
    TWILIO_AUTH_TOKEN: fake.authToken,
    TWILIO_FROM_NUMBER: '+14155550100',
    TWILIO_API_BASE: fake.url,
    FRONTEND_URL: 'https://chat.example.com',
    OTP_ECHO: 'false',
  };
  await using running = await startProduct(place, { environment });
  await signUp(running.url, number);
  expect((await sendCode(running.url, number)).status).toBe(200);
  await vi.waitUntil(() => fake.messages().length > 0);
  const { body } = fake.messages()[0]!;
  const [, code] = /^@chat\.example\.com #(\d{6})$/.exec(body.split('\n').at(-1)!) ?? [];
  expect(body.length).toBeLessThanOrEqual(160);
  expect((await guess(running.url, number, code!)).status).toBe(200);
});
