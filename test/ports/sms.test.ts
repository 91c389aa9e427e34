/** The suite of the SMS port, and the requests of each provider. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { consoleSms } from '../../server/adapters/sms/console.ts';
import { twilioSms, TwilioError, type TwilioSettings } from '../../server/adapters/sms/twilio.ts';
import type { Sms } from '../../server/ports/sms.ts';
import { startFakeTwilio, type FakeTwilio, type TwilioBehaviour } from '../fakes/twilio.ts';
import { rejectionOf } from './read-model.ts';

const number = '+14155550123';
const text = 'Your Pollux code is 493021.';
let fake: FakeTwilio;
let printed = '';

beforeAll(async () => {
  fake = await startFakeTwilio();
});
afterAll(() => fake[Symbol.asyncDispose]());

function twilio(changes: Partial<TwilioSettings> = {}): Sms {
  const { accountSid, authToken, url } = fake;
  return twilioSms({
    accountSid,
    authToken,
    from: '+15005550006',
    messagingServiceSid: null,
    baseUrl: url,
    ...changes,
  });
}

const makers: Record<string, () => Sms> = {
  console: () =>
    consoleSms((output) => {
      printed += output;
    }),
  twilio,
};

describe.each(Object.entries(makers))('SMS over %s', (name, make) => {
  it('has its label', () => {
    expect(make().label).toBe(name);
  });

  it('sends one message', async () => {
    printed = '';
    const before = fake.messages().length;
    await make().send(number, text, unaborted());
    const bodies =
      name === 'twilio'
        ? fake
            .messages()
            .slice(before)
            .map(({ body }) => body)
        : [printed];
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toContain(text);
  });

  it('throws the reason when aborted before, and sends nothing', async () => {
    printed = '';
    const before = fake.stats().requests;
    const reason = new Error('too late');
    expect(await rejectionOf(make().send(number, text, AbortSignal.abort(reason)))).toBe(reason);
    expect([printed, fake.stats().requests]).toEqual(['', before]);
  });
});

describe('SMS over console', () => {
  it.each([
    ['+14155550123', '+1415•••0123'],
    ['+1234567890', '+123•••7890'],
    ['+1234567', '+•••4567'],
    ['+123456789012345', '+1234•••2345'],
  ])('prints %s as %s', async (to, masked) => {
    printed = '';
    await makers.console?.().send(to, text, unaborted());
    expect(printed).toContain(masked);
    expect(printed).not.toContain(to);
  });

  it('prints to the terminal by default', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await consoleSms().send(number, text, unaborted());
    const calls = write.mock.calls.map(String);
    write.mockRestore();
    expect(calls.join('')).toContain(text);
  });
});

/** Sends once with `behaviour`; checks that there was one request and no leak. */
async function failure(behaviour: TwilioBehaviour | null, sms = twilio(), to = number): Promise<TwilioError> {
  if (behaviour !== null) fake.next(behaviour);
  const before = fake.stats().requests;
  const error = await rejectionOf(sms.send(to, text, unaborted()));
  if (!(error instanceof TwilioError)) throw error;
  expect(fake.stats().requests).toBe(before + 1);
  for (const leak of [to.slice(1), '493021', fake.authToken]) expect(error.message).not.toContain(leak);
  expect(error.cause).toBeUndefined();
  return error;
}

describe('SMS over Twilio', () => {
  it('names the sender', async () => {
    await twilio().send(number, text, unaborted());
    expect(fake.messages().at(-1)).toMatchObject({
      to: number,
      from: '+15005550006',
      messagingServiceSid: null,
      body: text,
    });
  });

  it('uses a messaging service instead of a sender', async () => {
    await twilio({ messagingServiceSid: 'MG123' }).send(number, 'Grüße & 100 % = 😀', unaborted());
    const expected = { from: null, messagingServiceSid: 'MG123', body: 'Grüße & 100 % = 😀' };
    expect(fake.messages().at(-1)).toMatchObject(expected);
  });

  it('requires one of the two', () => {
    expect(() => twilio({ from: null })).toThrow('TWILIO_FROM_NUMBER');
  });

  it('reports status and code of a refusal', async () => {
    const error = await failure(null, twilio(), '+15005550001');
    expect(error).toMatchObject({ status: 400, code: 21_211, message: 'Twilio answered 400, error 21211' });
  });

  it('reports a wrong token', async () => {
    expect(await failure(null, twilio({ authToken: 'wrong' }))).toMatchObject({ status: 401, code: 20_003 });
  });

  it.each([429, 500, 503])('does not repeat after %i', async (status) => {
    const before = fake.messages().length;
    expect(await failure({ kind: 'error', status, code: 20_500 })).toMatchObject({ status, code: 20_500 });
    expect(fake.messages()).toHaveLength(before);
  });

  it('does not repeat a message that may have been accepted', async () => {
    const before = fake.messages().length;
    expect(await failure({ kind: 'lost' })).toMatchObject({ status: null, code: null });
    expect(fake.messages()).toHaveLength(before + 1);
    expect((await failure({ kind: 'reset' })).message).toMatch(/^The connection to Twilio failed \([A-Z_]+\)$/);
  });

  it('times out', async () => {
    const { closedByClient } = fake.stats();
    const error = await failure({ kind: 'hang' }, twilio({ timeoutMs: 50 }));
    expect(error).toMatchObject({ status: null, message: 'Twilio did not answer within 50 ms' });
    await vi.waitFor(() => expect(fake.stats().closedByClient).toBe(closedByClient + 1));
  });

  it('throws the reason when aborted, and closes the connection', async () => {
    const { requests, closedByClient } = fake.stats();
    const controller = new AbortController();
    fake.next({ kind: 'hang' });
    const sending = rejectionOf(twilio().send(number, text, controller.signal));
    await vi.waitFor(() => expect(fake.stats().requests).toBe(requests + 1));
    const reason = new Error('stop');
    controller.abort(reason);
    expect(await sending).toBe(reason);
    await vi.waitFor(() => expect(fake.stats().closedByClient).toBe(closedByClient + 1));
  });
});

function unaborted(): AbortSignal {
  return new AbortController().signal;
}
