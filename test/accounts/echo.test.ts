/** When the code may be echoed: every combination of the settings that decide it. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../server/config.ts';

const modes = ['development', 'test', 'production'];
const providers = ['console', 'twilio'];
const hosts = ['127.0.0.1', '127.8.8.8', 'localhost', '::1', '0.0.0.0', '::', '10.0.0.5', 'pollux.example'];
const echoes = [undefined, 'true', 'false'];
const loopback = new Set(hosts.slice(0, 4));

const carrier = { TWILIO_ACCOUNT_SID: 'AC0', TWILIO_AUTH_TOKEN: 'secret', TWILIO_FROM_NUMBER: '+14155550100' };
const secret = 'f3b1c6a8d24e4f0c9a7be5d1803c62f9';

const combinations = modes.flatMap((mode) =>
  providers.flatMap((provider) => hosts.flatMap((host) => echoes.map((echo) => ({ mode, provider, host, echo })))),
);

describe.each(combinations)('$mode, $provider, $host, OTP_ECHO=$echo', ({ mode, provider, host, echo }) => {
  const local = mode !== 'production' && provider === 'console' && loopback.has(host);
  const parse = () =>
    parseConfig(
      {
        NODE_ENV: mode,
        SMS_PROVIDER: provider,
        HOST: host,
        OTP_ECHO: echo,
        SECRET_KEY: secret,
        GEMINI_API_KEY: 'a-key',
        ...(provider === 'twilio' && carrier),
      },
      'all',
    );

  if (mode === 'production' && (echo === 'true' || provider === 'console')) {
    it('refuses to start', () => {
      expect(parse).toThrow(echo === 'true' ? /OTP_ECHO/ : /SMS_PROVIDER/);
    });
    return;
  }
  it(`echoes ${echo === 'true' || (echo === undefined && local) ? 'the code' : 'nothing'}`, () => {
    const { otp } = parse();
    expect(otp.echo).toBe(echo === 'true' || (echo === undefined && local));
    expect(otp.echoExposed).toBe(echo === 'true' && !local);
  });
});

describe('in production', () => {
  const production = { NODE_ENV: 'production', SMS_PROVIDER: 'twilio', GEMINI_API_KEY: 'a-key', ...carrier };

  it.each([undefined, 'short', 'change-me-to-something-random-please', 'default-secret-default-secret-1234567'])(
    'refuses SECRET_KEY %s',
    (SECRET_KEY) => {
      expect(() => parseConfig({ ...production, SECRET_KEY }, 'all')).toThrow(/SECRET_KEY/);
    },
  );

  it.each(['OTP_ADDRESS_HOURLY', 'OTP_PREFIX_HOURLY', 'OTP_NUMBER_HOURLY', 'OTP_GLOBAL_HOURLY', 'OTP_RESEND_SECONDS'])(
    'refuses %s=0',
    (name) => {
      expect(() => parseConfig({ ...production, SECRET_KEY: secret, [name]: '0' }, 'all')).toThrow(name);
    },
  );
});
