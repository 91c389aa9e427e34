/** Forged tokens (RFC 8725), each tried at every endpoint. */
import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { expect } from 'vitest';
import { productTest } from '../fixtures.ts';
import { testEnvironment } from '../harness.ts';

const secret = new TextEncoder().encode(testEnvironment.SECRET_KEY);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const header = { alg: 'HS256', typ: 'at+jwt' };

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Signs any header and claims with the right key. */
function signed(head: object, claims: object, key: Uint8Array | string = secret, hash = 'sha256'): string {
  const content = `${encode(head)}.${encode(claims)}`;
  return `${content}.${createHmac(hash, key).update(content).digest('base64url')}`;
}

const without = (claims: JWTPayload, name: string) =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

/** All forgeries, made from the claims of a valid token. */
async function forgeries(good: string): Promise<Record<string, string>> {
  const [head = '', body = '', signature = ''] = good.split('.');
  const claims: JWTPayload = decode(body);
  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const jwk = { kty: 'oct', k: Buffer.from('mine').toString('base64url') };
  const other = new TextEncoder().encode('another-key-for-tests-0123456789abcdef');
  const withHeader = (more: object, key?: string) => signed({ ...header, ...more }, claims, key);
  return {
    'no algorithm': new UnsecuredJWT(claims).encode(),
    'no algorithm, the valid signature': `${encode({ alg: 'none', typ: 'at+jwt' })}.${body}.${signature}`,
    'no algorithm, in capitals': `${encode({ alg: 'NONE', typ: 'at+jwt' })}.${body}.`,
    'no signature': `${head}.${body}.`,
    'half a signature': `${head}.${body}.${signature.slice(0, 20)}`,
    'another signature': `${head}.${body}.${createHmac('sha256', 'x').update('y').digest('base64url')}`,
    'another key': signed(header, claims, other),
    'an empty key': signed(header, claims, ''),
    HS384: await new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS384' }).sign(new Uint8Array(48)),
    'HS384 with the right key': signed({ ...header, alg: 'HS384' }, claims, secret, 'sha384'),
    'HS512 with the right key': signed({ ...header, alg: 'HS512' }, claims, secret, 'sha512'),
    'RS256 with another key': await new SignJWT(claims)
      .setProtectedHeader({ ...header, alg: 'RS256' })
      .sign(rsa.privateKey),
    'labelled RS256, HMAC with the secret': signed({ ...header, alg: 'RS256' }, claims),
    'HMAC with a public key': signed(header, claims, publicPem),
    'a header with a key': withHeader({ jwk }, 'mine'),
    'a header with the URL of a key': withHeader({ jku: 'http://127.0.0.1:9/keys' }, 'mine'),
    'a header that names a key file': withHeader({ kid: '../../../../dev/null' }, ''),
    'a header that names another key': signed({ ...header, kid: 'AAAAAAAA' }, claims),
    'a key id that is not text': signed({ ...header, kid: 1 }, claims),
    'a header that names a key by SQL': withHeader({ kid: "x' union select 'mine" }, 'mine'),
    'a certificate in the header': withHeader({ x5c: ['AAAA'] }, 'mine'),
    'a critical extension': withHeader({ crit: ['pollux'], pollux: true }),
    'no type': signed({ alg: 'HS256' }, claims),
    'the type of another token': withHeader({ typ: 'JWT' }),
    'another issuer': signed(header, { ...claims, iss: 'castor' }),
    'no issuer': signed(header, without(claims, 'iss')),
    'another audience': signed(header, { ...claims, aud: 'castor-api' }),
    'no audience': signed(header, without(claims, 'aud')),
    'no session': signed(header, without(claims, 'sid')),
    'a session that is not text': signed(header, { ...claims, sid: 1 }),
    'no subject': signed(header, without(claims, 'sub')),
    'a subject that is not a number': signed(header, { ...claims, sub: '1 or 1=1' }),
    'a subject beyond numbers': signed(header, { ...claims, sub: '99999999999999999999' }),
    'no end': signed(header, without(claims, 'exp')),
    'no beginning': signed(header, without(claims, 'iat')),
    ended: signed(header, { ...claims, iat: nowSeconds() - 100, exp: nowSeconds() - 1 }),
    'not begun': signed(header, { ...claims, nbf: nowSeconds() + 1000 }),
    'an expiry that is not a number': signed(header, { ...claims, exp: 'never' }),
    'a payload changed afterwards': `${head}.${encode({ ...claims, sub: '987654321' })}.${signature}`,
    'a header changed afterwards': `${encode({ ...header, kid: 'x' })}.${body}.${signature}`,
    'a payload that is a list': signed(header, [claims]),
    'a payload that is not JSON': `${head}.${Buffer.from('{').toString('base64url')}.${signature}`,
    'four parts': `${good}.${signature}`,
    'two parts': `${head}.${body}`,
    'an encrypted token': `${encode({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`,
    'dots alone': '..',
    huge: signed(header, { ...claims, more: 'x'.repeat(8_000) }, other),
  };
}

const it = productTest()
  .extend('claims', ({ user }): JWTPayload => decode(user.tokens.access_token.split('.')[1]!))
  // Only the status, since a response of the feed does not end.
  .extend('tryAt', ({ url }) => async (path: string, authorization?: string): Promise<number> => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${url}${path}`, { headers });
    await response.body?.cancel();
    return response.status;
  });

it('forged tokens differ from a valid one only in what is forged', async ({ user, claims, tryAt }) => {
  const { kid, ...rest } = decode(user.tokens.access_token.split('.')[0]!);
  expect(rest).toEqual(header);
  expect(await tryAt('/user/me', `Bearer ${signed({ ...header, kid }, claims)}`)).toBe(200);
  // As issued before key rotation existed.
  expect(await tryAt('/user/me', `Bearer ${signed(header, claims)}`)).toBe(200);
  expect(await tryAt('/user/me', `bearer ${user.tokens.access_token}`)).toBe(200);
});

it('forged tokens are all refused by every endpoint', async ({ user, tryAt }) => {
  const letIn: string[] = [];
  const all = Object.entries(await forgeries(user.tokens.access_token));
  for (const [name, token] of all) {
    const statuses = [
      await tryAt('/user/me', `Bearer ${token}`),
      await tryAt('/events', `Bearer ${token}`),
      await tryAt(`/events?ticket=${token.slice(0, 128)}`),
    ];
    if (statuses.some((status) => status !== 401)) letIn.push(`${name}: ${statuses.join()}`);
  }
  expect(letIn).toEqual([]);
  expect(all.length).toBeGreaterThan(40);
});

it('a valid token in the wrong place is refused too', async ({ user, tryAt }) => {
  const { access_token: token, refresh_token: refreshToken } = user.tokens;
  for (const scheme of ['Basic', 'Token', 'Bearer Bearer', ''])
    expect(await tryAt('/user/me', `${scheme} ${token}`)).toBe(401);
  expect(await tryAt('/user/me', `Bearer ${refreshToken}`)).toBe(401);
  expect(await tryAt(`/user/me?access_token=${token}`)).toBe(401);
  expect(await tryAt('/user/me')).toBe(401);
});

it("a token for a session of another user gives no access to that user's data", async ({ user, claims, tryAt }) => {
  // It can only be made with the key; even so it must not grant more.
  for (const lie of [{ sid: randomUUID() }, { sub: '987654321' }, { sid: randomUUID(), sub: '987654321' }]) {
    const stranger = signed(header, { ...claims, ...lie });
    expect(await tryAt('/user/me', `Bearer ${stranger}`)).toBe(401);
    expect(await tryAt('/chatroom/1', `Bearer ${stranger}`)).toBe(401);
  }
  expect(await tryAt('/user/me', `Bearer ${user.tokens.access_token}`)).toBe(200);
});
