/** Another user's object is answered like a missing one, in every operation of the OpenAPI document. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Answer } from '../client.ts';
import { readDocument, type ApiDocument, type Operation } from './document.ts';
import { expectProblem } from './problem.ts';
import { send } from './send.ts';
import { missing, namingParameters, pathTo, somebodyWithThings, tokenLike, type Ids, type Things } from './world.ts';
import { startWholeProduct, type WholeProduct } from './whole-product.ts';

let product: WholeProduct;
let api: ApiDocument;
let owner: Things;
let stranger: Things;
let outsiders: Record<string, string | null>;

beforeAll(async () => {
  product = await startWholeProduct();
  const { url } = product;
  [api, owner, stranger] = await Promise.all([readDocument(url), somebodyWithThings(url), somebodyWithThings(url)]);
  const signedOut = await signIn(url, { number: owner.client.number });
  await signedOut.call('POST', '/auth/logout');
  outsiders = {
    nobody: null,
    'an expired token': await tokenLike(owner.client, -1),
    'a session that was signed out': signedOut.tokens.access_token,
  };
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
});

/** Calls an operation on these objects with the example body. */
function call(operation: Operation, token: string | null, ids: Ids): Promise<Answer> {
  const body = operation.body?.example;
  return send(product.url, { method: operation.method, path: pathTo(operation, ids), token, body });
}

/** An answer without what differs between requests. */
function essence({ status, headers, body }: Answer) {
  const { request_id: _, ...members } = body;
  const telling = Object.fromEntries([...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'));
  return { status, headers: telling, members };
}

const secured = () => api.operations.filter((operation) => operation.secured);
const naming = () => secured().filter((operation) => namingParameters(operation).length > 0);

describe('ownership', () => {
  it('is checked for every operation that names an object', () => {
    expect(naming().length).toBeGreaterThanOrEqual(10);
    const open = api.operations.filter((operation) => !operation.secured && namingParameters(operation).length > 0);
    // A shared chat may be read by anybody who has its link.
    expect(open.map((operation) => operation.id)).toEqual(['readShared']);
  });

  it("answers for another user's object exactly as for a missing one, and changes nothing", async () => {
    const { access_token: token } = stranger.client.tokens;
    const before = await thingsOf(owner);
    for (const operation of naming()) {
      // The whole path of another user, then one foreign part at a time.
      const parts = [
        owner.ids,
        ...namingParameters(operation).map((name) => ({ ...stranger.ids, [name]: owner.ids[name]! })),
      ];
      const holes = [
        missing,
        ...namingParameters(operation).map((name) => ({ ...stranger.ids, [name]: missing[name]! })),
      ];
      for (const [index, foreign] of parts.entries()) {
        const [theirs, nobodys] = [await call(operation, token, foreign), await call(operation, token, holes[index]!)];
        expect(expectProblem(theirs, 404), operation.id).toBe('not_found');
        expect(essence(theirs), operation.id).toEqual(essence(nobodys));
      }
    }
    expect(await thingsOf(owner)).toEqual(before);
  });

  it('refuses a caller that is not signed in', async () => {
    for (const operation of secured()) {
      const ids = namingParameters(operation).length > 0 ? [owner.ids, missing] : [missing];
      for (const [who, token] of Object.entries(outsiders)) {
        const answers = await Promise.all(ids.map((one) => call(operation, token, one)));
        for (const answer of answers) {
          expect(expectProblem(answer, 401), `${operation.id} by ${who}`).toBe('invalid_token');
          expect(essence(answer), operation.id).toEqual(essence(answers[0]!));
        }
      }
    }
  });

  it('refuses a caller that is not signed in before it validates the request', async () => {
    for (const { id, method, path } of secured()) {
      const body = method === 'GET' ? undefined : '{"broken":';
      const answer = await send(product.url, { method, path: path.replaceAll(/\{\w+\}/g, 'x'), token: null, body });
      expect(expectProblem(answer, 401), id).toBe('invalid_token');
    }
  });

  // Last, because it deletes: what was refused above works for the owner.
  it('allows owners all of it', async () => {
    const { client, ids } = stranger;
    const live = await tokenLike(client, 60);
    // What administrators alone can do is tested in test/admin.
    const ours = naming().filter(({ path }) => !path.startsWith('/admin/'));
    const toDo = ours.toSorted((a, b) => rank(a) - rank(b));
    for (const operation of toDo) {
      const answer = await call(operation, live, ids);
      expect([200, 201, 202, 204, 409], `${operation.id}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
    }
  });
});

/** Deletions last, innermost objects first. */
function rank({ method, path }: Operation): number {
  return method === 'DELETE' ? 100 - path.length : 0;
}

/** Everything that another user could have changed. */
async function thingsOf({ client, ids }: Things): Promise<unknown> {
  const paths = [
    '/user/me',
    '/user/sessions',
    '/user/memories',
    '/user/settings',
    '/chatroom',
    `/chatroom/${ids.chatroom_id}`,
    `/chatroom/${ids.chatroom_id}/shares`,
    `/chatroom/${ids.chatroom_id}/messages?include=pending`,
  ];
  const answers = await Promise.all(paths.map((path) => client.call('GET', path)));
  return answers.map(({ status, body }) => ({ status, body }));
}
