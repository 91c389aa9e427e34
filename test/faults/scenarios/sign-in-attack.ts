/** Sign-in under attack: codes for unregistered numbers, and wrong guesses by strangers, with production limits. */
import { freshNumber } from '../../client.ts';
import { startFakeTwilio, type FakeTwilio } from '../../fakes/twilio.ts';
import type { Environment } from '../../harness.ts';
import { exchange } from '../exchange.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import { seconds, until } from '../waiting.ts';

const networks = 100;
const atOnce = 20;
const wrongGuesses = 10;
const home = '203.0.113.7';

/** The defaults, except for the minute between two codes. */
const limits: Environment = {
  OTP_GLOBAL_HOURLY: '1000',
  OTP_ADDRESS_HOURLY: '10',
  OTP_PREFIX_HOURLY: '20',
  OTP_NUMBER_HOURLY: '5',
  OTP_RESEND_SECONDS: '0',
  OTP_VERIFY_ADDRESS_HOURLY: '60',
  TRUSTED_PROXIES: '127.0.0.1',
};

export const signInAttack: Scenario = {
  name: 'sign-in-attack',
  promise: 'Codes for unregistered numbers and wrong guesses from other networks prevent no sign-in',
  async run(stage, counts) {
    const asked = counts(5000, 1000, 500);
    await using twilio = await startFakeTwilio();
    const environment = { ...limits, ...carrier(twilio) };
    const apis = await Promise.all([stage.start('api', environment), stage.start('api', environment)]);
    const urls = apis.map(({ url }) => url);
    const post = (turn: number, path: string, from: string, body: object) =>
      exchange('POST', `${urls[turn % urls.length]}/auth/${path}`, { body, headers: { 'x-forwarded-for': from } });

    /** Requests a code and signs in with it; returns the seconds until the code arrived, null on failure. */
    async function signIn(mobile_number: string): Promise<number | null> {
      const before = codesTo(twilio, mobile_number).length;
      const from = performance.now();
      if ((await post(0, 'send-otp', home, { mobile_number }))?.status !== 200) return null;
      await until('the code has come', 10_000, async () => codesTo(twilio, mobile_number).length > before);
      const waited = (performance.now() - from) / 1000;
      const otp = codesTo(twilio, mobile_number).at(-1);
      return (await post(1, 'verify-otp', home, { mobile_number, otp }))?.status === 200 ? waited : null;
    }

    const mobile_number = freshNumber();
    await post(0, 'signup', home, { mobile_number });
    const times = [await signIn(mobile_number)];

    const answers: number[] = [];
    for (let n = 0; n < asked; n += atOnce) {
      const wave = Array.from({ length: Math.min(atOnce, asked - n) }, (_, k) =>
        post(n + k, 'send-otp', network((n + k) % networks), { mobile_number: freshNumber() }),
      );
      answers.push(...(await Promise.all(wave)).map((answer) => answer?.status ?? 0));
    }
    times.push(await signIn(mobile_number));

    const refused: (number | undefined)[] = [];
    for (let n = 0; n < wrongGuesses; n++) {
      if (n % 5 === 0) await post(n, 'send-otp', network(networks), { mobile_number });
      refused.push((await post(n, 'verify-otp', network(networks), { mobile_number, otp: 'abcdef' }))?.status);
    }
    const locked = await post(0, 'send-otp', network(networks), { mobile_number });
    times.push(await signIn(mobile_number));

    const odd = answers.filter((status) => status !== 200 && status !== 429);
    const taken = answers.filter((status) => status === 200).length;
    return {
      faults: asked + wrongGuesses,
      operations: asked + wrongGuesses + times.length,
      lost: times.filter((time) => time === null).length,
      doubled: 0,
      worstRecoverySeconds: Math.max(...times.map((time) => time ?? 0)),
      broken: [
        ...(odd.length > 0 ? [`answers of ${[...new Set(odd)].join(', ')}`] : []),
        ...(refused.some((status) => status !== 400) ? ['a wrong guess was not answered with 400'] : []),
        ...(locked?.body?.code === 'too_many_guesses' ? [] : ['the attacker is not locked']),
        ...(twilio.messages().length > times.length + 2 ? ['SMS went to strangers'] : []),
      ],
      note: `${taken} of ${asked} requests for unregistered numbers from ${networks} networks were accepted, no SMS sent; slowest code ${seconds(Math.max(...times.map((time) => time ?? 0)))}`,
      ...(lessThan(5000, asked, 'requests') !== undefined && { shorter: lessThan(5000, asked, 'requests')! }),
    };
  },
};

/** An address in one of many networks, each a /48 of its own. */
const network = (n: number) => `2001:db8:${(n + 1).toString(16)}::1`;

const codesTo = (twilio: FakeTwilio, number: string): string[] =>
  twilio
    .messages()
    .filter(({ to }) => to === number)
    .map(({ body }) => /\b\d{6}\b/.exec(body)?.[0] ?? '');

function carrier({ url, accountSid, authToken }: FakeTwilio): Environment {
  return {
    OTP_ECHO: '',
    SMS_PROVIDER: 'twilio',
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_FROM_NUMBER: '+14155550100',
    TWILIO_API_BASE: url,
  };
}
