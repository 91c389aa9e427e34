/** Codes are sent by SMS only, and no response reveals whether a number is registered. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshNumber, request, type Answer } from '../client.ts';
import { startFakeTwilio, type FakeTwilio } from '../fakes/twilio.ts';
import { anyPlace, startProduct, type Environment, type Place, type RunningProduct } from '../harness.ts';
import { guess, sendCode, signUp, tally } from './guessing.ts';

const noEcho: Environment = { OTP_ECHO: 'false', OTP_RESEND_SECONDS: '60' };

let place: Place;
beforeAll(async () => {
  place = await anyPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

/** The parts of a response in which two numbers could differ. */
const lookOf = ({ status, headers, body }: Answer) => ({
  status,
  headers: [...headers.keys()].filter((name) => name !== 'date'),
  body: { ...body, request_id: undefined, mobile_number: undefined },
});

describe('without the echo', () => {
  const sent: { to: string; text: string }[] = [];
  let running: RunningProduct;
  let url: string;

  beforeAll(async () => {
    const sms = { label: 'recorder', send: async (to: string, text: string) => void sent.push({ to, text }) };
    running = await startProduct(place, { environment: noEcho, overrides: { sms } });
    ({ url } = running);
  });
  afterAll(() => running[Symbol.asyncDispose]());

  const sentTo = (number: string) => sent.filter(({ to }) => to === number).map(({ text }) => text);

  it('the code is sent by SMS only, and signs in', async () => {
    const number = freshNumber();
    await signUp(url, number);
    const answer = await sendCode(url, number);
    expect(Object.keys(answer.body).toSorted()).toEqual(['expires_in', 'message', 'resend_after']);
    await expect.poll(() => sentTo(number), { timeout: 10_000 }).toHaveLength(1);
    const [text = ''] = sentTo(number);
    const code = /\b\d{6}\b/.exec(text)![0];
    expect(JSON.stringify(answer.body)).not.toContain(code);
    expect((await guess(url, number, code)).status).toBe(200);
  });

  it('the API description has no member for the code', async () => {
    const { body } = await request('GET', `${url}/openapi.json`);
    const { schema } = body.paths['/auth/send-otp'].post.responses['200'].content['application/json'];
    const names = JSON.stringify(schema) + JSON.stringify(body.components?.schemas?.CodeSent ?? {});
    expect(names).toContain('resend_after');
    expect(names).not.toMatch(/otp/i);
    expect(JSON.stringify(body)).not.toContain('CodeSentWithEcho');
  });

  it('known and unknown numbers get the same answer, and only the known one an SMS', async () => {
    const [known, unknown] = [freshNumber(), freshNumber()];
    expect(lookOf(await signUp(url, known))).toEqual(lookOf(await signUp(url, known)));
    for (const ask of [
      (number: string) => sendCode(url, number),
      // Too early for another code.
      (number: string) => sendCode(url, number),
      (number: string) => guess(url, number, '12345'),
      (number: string) => guess(url, number, '12345'),
    ]) {
      const looks = [lookOf(await ask(known)), lookOf(await ask(unknown))];
      expect(looks[1]).toEqual(looks[0]);
    }
    await expect.poll(() => sentTo(known), { timeout: 10_000 }).toHaveLength(1);
    expect(sentTo(unknown)).toEqual([]);
  });

  it('one SMS is sent when many codes are requested at once', async () => {
    const number = freshNumber();
    await signUp(url, number);
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendCode(url, number)));
    expect(tally(answers)).toEqual({ '200': 1, '429 too_many_codes': 19 });
    await expect.poll(() => sentTo(number), { timeout: 10_000 }).toHaveLength(1);
  });
});

describe('with the echo', () => {
  it('the answer and its schema contain the code, and unknown numbers still cannot sign in', async () => {
    await using running = await startProduct(place);
    const { url } = running;
    const [known, unknown] = [freshNumber(), freshNumber()];
    await signUp(url, known);
    const codes = [(await sendCode(url, known)).body.otp, (await sendCode(url, unknown)).body.otp];
    for (const code of codes) expect(code).toMatch(/^\d{6}$/);
    expect((await guess(url, known, codes[0])).status).toBe(200);
    expect(await guess(url, unknown, codes[1])).toMatchObject({ status: 400, body: { code: 'invalid_code' } });
    const { body } = await request('GET', `${url}/openapi.json`);
    expect(JSON.stringify(body)).toContain('CodeSentWithEcho');
  });
});

describe('by Twilio', () => {
  let twilio: FakeTwilio;
  let running: RunningProduct;
  let url: string;

  beforeAll(async () => {
    twilio = await startFakeTwilio();
    running = await startProduct(place, {
      environment: {
        OTP_ECHO: '',
        SMS_PROVIDER: 'twilio',
        TWILIO_ACCOUNT_SID: twilio.accountSid,
        TWILIO_AUTH_TOKEN: twilio.authToken,
        TWILIO_FROM_NUMBER: '+14155550100',
        TWILIO_API_BASE: twilio.url,
      },
    });
    ({ url } = running);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await twilio[Symbol.asyncDispose]();
  });

  const sentTo = (number: string) => twilio.messages().filter(({ to }) => to === number);

  it('sends the code, which signs in and is in no answer', async () => {
    const number = freshNumber();
    await signUp(url, number);
    expect(await sendCode(url, number)).toMatchObject({ status: 200, body: { expires_in: 300 } });
    await expect.poll(() => sentTo(number)).toHaveLength(1);
    const [{ body, from } = { body: '', from: '' }] = sentTo(number);
    expect(from).toBe('+14155550100');
    expect((await guess(url, number, /\b\d{6}\b/.exec(body)![0])).status).toBe(200);
  });

  it('answers at once and the same when the carrier hangs or refuses', async () => {
    const [slow, refused] = [freshNumber(), freshNumber()];
    for (const number of [slow, refused]) await signUp(url, number);
    twilio.next({ kind: 'hang' }, { kind: 'error', status: 400, code: 21_211 });
    const startedAt = performance.now();
    for (const number of [slow, refused]) {
      const { requests } = twilio.stats();
      expect((await sendCode(url, number)).status).toBe(200);
      await expect.poll(() => twilio.stats().requests).toBe(requests + 1);
    }
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('refuses impossible numbers, which development accepts', async () => {
    expect(await signUp(url, '+1234567890')).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  });
});
