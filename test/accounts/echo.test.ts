/** When the code may be echoed: every combination of the relevant settings, and every sign of a proxy. */
import { describe, expect } from 'vitest';
import { banner } from '../../server/process/banner.ts';
import { parseConfig } from '../../server/config/config.ts';
import { freshNumber } from '../client.ts';
import { exchange } from '../contract/raw-http.ts';
import { productTest } from '../fixtures.ts';
import { sendCode } from './guessing.ts';

const it = productTest({ environment: { OTP_ECHO: '' } });

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

  it.each([
    'OTP_ADDRESS_HOURLY',
    'OTP_PREFIX_HOURLY',
    'OTP_NUMBER_HOURLY',
    'OTP_GLOBAL_HOURLY',
    'OTP_RESEND_SECONDS',
    'OTP_VERIFY_ADDRESS_HOURLY',
  ])('refuses %s=0', (name) => {
    expect(() => parseConfig({ ...production, SECRET_KEY: secret, [name]: '0' }, 'all')).toThrow(name);
  });
});

describe('settings that indicate a proxy', () => {
  const proxied: Record<string, string>[] = [
    { TRUSTED_PROXIES: '10.0.0.0/8' },
    { TRUSTED_PROXIES: '127.0.0.1' },
    { FRONTEND_URL: 'https://chat.example' },
    { FRONTEND_URL: 'HTTPS://chat.example/app' },
    { TRUSTED_PROXIES: '::1', FRONTEND_URL: 'https://chat.example' },
  ];
  const direct: Record<string, string>[] = [{}, { FRONTEND_URL: 'http://127.0.0.1:3000' }, { TRUSTED_PROXIES: ' ' }];
  const otherwise = [undefined, 'development', 'test'].flatMap((NODE_ENV) =>
    ['127.0.0.1', '0.0.0.0'].flatMap((HOST) => [undefined, 'true'].map((OTP_ECHO) => ({ NODE_ENV, HOST, OTP_ECHO }))),
  );
  const say = (environment: Record<string, string | undefined>) => banner(parseConfig(environment, 'all'), null);

  it.each(proxied)('%o: no code is echoed with any other settings, and the banner says why', (proxy) => {
    for (const others of otherwise) {
      const { otp } = parseConfig({ ...others, ...proxy }, 'all');
      expect(otp).toMatchObject({ echo: false, echoExposed: false });
      const wanted = others.OTP_ECHO === 'true' || others.HOST === '127.0.0.1';
      expect(otp.echoOffBy).toBe(wanted ? Object.keys(proxy)[0] : null);
      if (wanted)
        expect(say({ ...others, ...proxy })).toContain(`not in the answer of send-otp, since ${otp.echoOffBy}`);
    }
    expect(say({ ...proxy, OTP_ECHO: 'false' })).not.toContain('send-otp');
  });

  it.each(direct)('%o does not indicate one', (environment) => {
    expect(parseConfig(environment, 'all').otp).toMatchObject({ echo: true, echoOffBy: null });
    expect(say(environment)).toContain('in the answer of send-otp to a direct call');
  });
});

describe('a request', () => {
  /** The response to a raw request. */
  async function raw(url: string, version: string, host: string): Promise<string> {
    const body = JSON.stringify({ mobile_number: freshNumber() });
    const head = `POST /auth/send-otp HTTP/${version}\r\nhost: ${host}\r\ncontent-type: application/json`;
    const text = await exchange(url, `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    expect(text).toMatch(/^HTTP\/1\.\d 200 /);
    return text;
  }

  it('that is sent directly is answered with the code', async ({ url }) => {
    expect((await sendCode(url, freshNumber())).body.otp).toMatch(/^\d{6}$/);
    for (const host of ['127.0.0.1:8000', 'localhost', 'LOCALHOST:1', '127.4.5.6', '[::1]:8000'])
      expect(await raw(url, '1.1', host), host).toContain('"otp"');
  });

  it.for([
    ['forwarded', 'for=203.0.113.9'],
    ['via', '1.1 proxy'],
    ['x-forwarded-for', '203.0.113.9'],
    ['x-forwarded-for', ''],
    ['x-forwarded-host', 'chat.example'],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-port', '443'],
    ['x-forwarded-server', 'web-1'],
    ['x-forwarded-prefix', '/api'],
    ['x-forwarded', 'for=203.0.113.9'],
    ['x-original-forwarded-for', '203.0.113.9'],
    ['x-real-ip', '203.0.113.9'],
    ['x-client-ip', '203.0.113.9'],
    ['x-cluster-client-ip', '203.0.113.9'],
    ['true-client-ip', '203.0.113.9'],
    ['fastly-client-ip', '203.0.113.9'],
    ['fly-client-ip', '203.0.113.9'],
    ['cf-connecting-ip', '203.0.113.9'],
    ['cf-ray', '8c1'],
    ['cdn-loop', 'cloudflare'],
    ['x-envoy-external-address', '203.0.113.9'],
    ['x-amzn-trace-id', 'Root=1-2-3'],
    ['tailscale-user-login', 'me@example.com'],
    ['X-Forwarded-For', '127.0.0.1'],
  ] as const)('with %s: %s is answered without it', async ([name, value], { url }) => {
    const answer = await sendCode(url, freshNumber(), { [name]: value });
    expect(Object.keys(answer.body).toSorted()).toEqual(['expires_in', 'message', 'resend_after']);
  });

  it.for([
    ['1.0', '127.0.0.1:8000'],
    ['1.1', 'chat.example'],
    ['1.1', 'localhost.evil.example'],
    ['1.1', '127.0.0.1.nip.io'],
    ['1.1', '192.168.1.5:8000'],
  ] as const)('over HTTP/%s for %s is answered without it', async ([version, host], { url }) => {
    expect(await raw(url, version, host)).not.toContain('"otp"');
  });
});
