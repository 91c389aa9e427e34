/** Objects of a user, another user, and unknown ids, for tests of the whole contract. */
import { accessTokens } from '../../server/accounts/access-token.ts';
import { deriveKeys } from '../../server/accounts/keys.ts';
import { signIn, type Client } from '../client.ts';
import { testEnvironment } from '../harness.ts';
import { picture } from '../files/samples.ts';
import { settled, upload } from '../files/upload-client.ts';
import { newSubscription } from '../push/new-subscription.ts';
import type { Operation } from './document.ts';

/** Values of path and query parameters that name objects, by the parameter's name. */
export type Ids = Readonly<Record<string, string>>;

export interface Things {
  readonly client: Client;
  readonly ids: Ids;
}

/** Ids that do not exist. */
export const missing: Ids = {
  chatroom_id: '9007199254740991',
  message_id: '9007199254740991',
  reply_id: '9007199254740991',
  share_id: '9007199254740991',
  session_id: '00000000-0000-4000-8000-000000000000',
  memory_id: '9007199254740991',
  user_id: '9007199254740991',
  event_id: '9007199254740991',
  upload_id: '9007199254740991',
  subscription_id: '9007199254740991',
  token: 'nobody',
};

/** Signs in a user with a room that has an answered question and a share, a second session, a memory and a picture. */
export async function somebodyWithThings(url: string): Promise<Things> {
  const client = await signIn(url);
  const roomId = await client.room('A private room');
  const { body: asked } = await client.ask(roomId, 'A private question');
  await client.waitForReply(roomId);
  const { body: share } = await client.call('POST', `/chatroom/${roomId}/shares`);
  const second = await signIn(url, { number: client.number });
  const { body: sessions } = await second.call('GET', '/user/sessions');
  const sessionId: string = sessions.find((session: { current: boolean }) => session.current).id;
  const { body: me } = await client.call('GET', '/user/me');
  const { body: memory } = await client.call('POST', '/user/memories', { body: { content: 'A private memory' } });
  const { body: file } = await upload(url, client, await picture(8, 8), { name: 'private.png' });
  await settled(client, file.id);
  const { body: subscription } = await client.call('POST', '/user/push-subscriptions', {
    body: newSubscription(),
  });
  return {
    client,
    ids: {
      chatroom_id: String(roomId),
      message_id: String(asked.id),
      reply_id: String(asked.reply.id),
      share_id: String(share.id),
      token: share.url.split('/').at(-1),
      session_id: sessionId,
      memory_id: String(memory.id),
      user_id: String(me.id),
      event_id: '1',
      upload_id: String(file.id),
      subscription_id: String(subscription.id),
    },
  };
}

/** A valid token for the session of this client with this lifetime. */
export function tokenLike({ tokens }: Client, lifeSeconds: number): Promise<string> {
  const { sub, sid } = JSON.parse(Buffer.from(tokens.access_token.split('.')[1]!, 'base64url').toString());
  const { tokens: keys } = deriveKeys([testEnvironment.SECRET_KEY!]);
  return accessTokens({ keys, algorithm: 'HS256', lifeSeconds }).issue(Number(sub), sid);
}

/** Parameters of an operation that name an object: all in the path, and those in the query with such a name. */
export function namingParameters({ parameters }: Operation): string[] {
  return parameters
    .filter((one) => one.in === 'path' || (one.in === 'query' && one.name in missing))
    .map((one) => one.name);
}

/** Path and query of a call on these objects. Throws for an unknown parameter. */
export function pathTo(operation: Operation, ids: Ids): string {
  const query = new URLSearchParams();
  for (const one of operation.parameters) {
    if (one.in === 'query' && one.required) query.set(one.name, String(one.example));
  }
  let path = operation.path;
  for (const name of namingParameters(operation)) {
    const id = ids[name];
    if (id === undefined) throw new Error(`no object for {${name}} of ${operation.id}: add it to world.ts`);
    if (path.includes(`{${name}}`)) path = path.replace(`{${name}}`, encodeURIComponent(id));
    else query.set(name, id);
  }
  return query.size > 0 ? `${path}?${query.toString()}` : path;
}
