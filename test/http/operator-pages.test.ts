/** Operator pages in production: 404 for everybody else, however their path is written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasWebClient } from '../../server/http/web-client.ts';
import { expectProblem } from '../contract/problem.ts';
import { speakRaw } from '../contract/raw-http.ts';
import { request } from '../client.ts';
import { embeddedPlace, startProduct, type Environment, type Place, type RunningProduct } from '../harness.ts';

const token = '0f5bd1c83e9a47d260b8f4ce17a93d52';

/** Production settings; the vendors they name are not called here. */
const production: Environment = {
  NODE_ENV: 'production',
  SECRET_KEY: '8f2c1e7ab94d03655f1f7d0c2b9a4e61',
  OTP_ECHO: 'false',
  SMS_PROVIDER: 'twilio',
  TWILIO_ACCOUNT_SID: 'AC1',
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_FROM_NUMBER: '+14155550123',
  GEMINI_API_KEY: 'key',
  OTP_ADDRESS_HOURLY: '10',
  OTP_PREFIX_HOURLY: '20',
  OTP_NUMBER_HOURLY: '5',
  OTP_GLOBAL_HOURLY: '1000',
  OTP_RESEND_SECONDS: '60',
  OTP_VERIFY_ADDRESS_HOURLY: '60',
};

const pages = [
  '/docs',
  '/docs/',
  '/docs/static/swagger-ui.css',
  '/redoc',
  '/redoc/redoc.js',
  '/openapi.json',
  '/metrics',
];
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let place: Place;

beforeAll(async () => {
  place = await embeddedPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

function start(environment: Environment): Promise<RunningProduct> {
  return startProduct(place, { environment: { ...production, ...environment } });
}

/** Other ways to write a path: each character encoded, all of them, and what proxies and servers shorten or ignore. */
function spellings(path: string): string[] {
  const name = path.slice(1);
  const encoded = (text: string) => `%${text.charCodeAt(0).toString(16)}`;
  const each = Array.from(name, (letter, at) => `/${name.slice(0, at)}${encoded(letter)}${name.slice(at + 1)}`);
  const all = `/${Array.from(name, encoded).join('')}`;
  const odd = [`/${path}`, `/.${path}`, `${path}/`, `${path}?`, `${path}?x`, `${path}#x`, `${path};x`, `${path}%00`];
  return [path, ...each, all, all.toUpperCase(), ...odd, `/x/..${path}`, path.toUpperCase()];
}

async function ask(url: string, path: string, headers = '', method = 'GET') {
  return speakRaw(url, `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
}

describe('in production', () => {
  let running: RunningProduct;

  beforeAll(async () => {
    running = await start({ METRICS_TOKEN: token, HEALTH_PORT: '0' });
  });
  afterAll(() => running[Symbol.asyncDispose]());

  it.each(pages)('%s is 404 without the token, however it is written', async (path) => {
    for (const spelling of spellings(path)) {
      for (const headers of ['', 'Authorization: Bearer wrong\r\n', `Authorization: Basic ${token}\r\n`]) {
        const answer = await ask(running.url, spelling, headers);
        expect(expectProblem(answer, 404, 400), spelling).toMatch(/^(not_found|bad_request)$/);
      }
      expect(
        (await ask(running.url, `${spelling}${spelling.includes('?') ? '&' : '?'}token=${token}`)).status,
      ).not.toBe(200);
    }
    expect((await fetch(running.url + path, { method: 'HEAD' })).status).toBe(404);
  });

  it.each(pages)('%s is served to the operator, also with an encoded path', async (path) => {
    const headers = `Authorization: bearer ${token}\r\n`;
    expect((await ask(running.url, path, headers)).status).toBe(200);
    // Files of Swagger UI are served at their plain address alone.
    if (!path.includes('/static/'))
      expect((await ask(running.url, path.replace('c', '%63'), headers)).status).toBe(200);
  });

  it('readiness shows dependencies to the operator, and only the status to others', async () => {
    const anonymous = await request('GET', `${running.url}/health/ready`);
    expect(anonymous).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(Object.keys(anonymous.body)).toEqual(['status']);
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await request('GET', `${running.url}/health/ready`, { headers });
    expect(Object.keys(body.checks)).toContain('database');
  });

  it('redirects a browser to no page that is hidden', async () => {
    const answer = await fetch(running.url, { headers: browser });
    expect(answer.status).toBe(200);
    if (!hasWebClient) expect(await answer.json()).toMatchObject({ name: 'Pollux', status: 'ok', docs: null });
    expect((await request('GET', running.url)).body.docs).toBeNull();
    const problems = await request('GET', `${running.url}/problems`);
    expect(problems.status).toBe(200);
    expect(problems.body).not.toMatch(/href="\/(docs|redoc)"/);
  });

  it("the operator's port requires no token, and serves nothing else", async () => {
    const { operatorUrl } = running;
    expect((await request('GET', `${operatorUrl}/metrics`)).body).toContain('pollux_requests_shed_total');
    expect((await request('GET', `${operatorUrl}/health/ready`)).body.checks.database).toEqual({ status: 'ok' });
    expect((await request('GET', `${operatorUrl}/health/live`)).status).toBe(200);
    for (const path of ['/docs', '/openapi.json', '/chatroom', '/auth/signup'])
      expect(expectProblem(await request('GET', operatorUrl + path), 404)).toBe('not_found');
  });
});

it('serves none of them in production without a token', async () => {
  await using running = await start({});
  for (const header of ['', 'Authorization: Bearer null\r\n', 'Authorization: Bearer \r\n'])
    for (const path of pages) expect((await ask(running.url, path, header)).status, path).toBe(404);
});

it('serves the documents, and nothing else, with DOCS', async () => {
  await using running = await start({ DOCS: 'true' });
  for (const path of pages) expect((await ask(running.url, path)).status, path).toBe(path === '/metrics' ? 404 : 200);
  const answer = await fetch(running.url, { headers: browser, redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([302, hasWebClient ? '/app/' : '/docs']);
  expect((await request('GET', running.url)).body.docs).toBe('/docs');
});

it.each([
  ['is open', {}, 200],
  ['is closed once a token is set', { METRICS_TOKEN: 'x' }, 404],
])('in development: %s', async (_what, environment, status) => {
  await using running = await startProduct(place, { environment: { NODE_ENV: 'development', ...environment } });
  for (const path of pages) expect((await ask(running.url, path)).status, path).toBe(status);
});
