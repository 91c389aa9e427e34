/** Web Push (RFC 8030): the devices of an account that are told when an answer is ready. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Id, LocationHeader, Timestamp } from './shapes.ts';

/** Limit of subscriptions of an account; one more replaces the oldest. */
export const pushSubscriptionsAtMost = 20;

export const PushKey = Type.Object(
  {
    public_key: Type.String({
      description: 'For `applicationServerKey` of `PushManager.subscribe` (RFC 8292): P-256, uncompressed, base64url.',
      examples: ['BLVYfY7c2yv0gY9Zz0m2c6QWb0yqk0a0sQmTn1d1mVtqvQ4tS8bX9Zr0zJ8lq0v8mXb3J7yPp8m3m3m3m3m3m3k'],
    }),
  },
  { title: 'PushKey' },
);

/** What `PushSubscription.toJSON` of a browser returns; further members are ignored. */
export const NewPushSubscription = Type.Object(
  {
    endpoint: Type.String({
      minLength: 12,
      maxLength: 2000,
      pattern: '^https?://[\\x21-\\x7e]+$',
      description: "The address at the browser's push service: https, of a public host, on the usual port.",
      examples: ['https://push.example.net/send/cH7kQ2'],
    }),
    keys: Type.Object(
      {
        p256dh: Type.String({
          pattern: '^B[A-Za-z0-9_-]{86}=?$',
          description: "The browser's public key: P-256, uncompressed, base64url.",
          examples: ['BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM'],
        }),
        auth: Type.String({
          pattern: '^[A-Za-z0-9_-]{22}(==)?$',
          description: 'The secret of the subscription: 16 bytes, base64url.',
          examples: ['tBHItJI5svbpez7KI4CCXg'],
        }),
      },
      { description: 'What messages are encrypted with (RFC 8291).' },
    ),
  },
  { title: 'NewPushSubscription' },
);
export type NewPushSubscription = Static<typeof NewPushSubscription>;

const created = { id: Id, created_at: Timestamp };

export const PushSubscription = Type.Object(created, { title: 'PushSubscription' });
export type PushSubscription = Static<typeof PushSubscription>;

export const ListedPushSubscription = Type.Object(
  {
    ...created,
    host: Type.String({ description: 'Host of the push service.', examples: ['push.example.net'] }),
    current: Type.Boolean({ description: 'It belongs to the session that asks.', examples: [true] }),
  },
  { title: 'ListedPushSubscription' },
);
export type ListedPushSubscription = Static<typeof ListedPushSubscription>;

/** The decrypted content of a push message, JSON. */
export interface PushMessage {
  readonly type: 'reply.completed' | 'reply.failed';
  readonly chatroom_id: number;
  readonly message_id: number;
  /** In the person's language. */
  readonly title: string;
  /** The room's name. */
  readonly body: string;
  /** Of notifications about one room only the newest is shown. */
  readonly tag: string;
}

export const readPushKey = endpoint({
  method: 'GET',
  path: '/push/key',
  operationId: 'readPushKey',
  tag: 'Push',
  summary: 'Read the key for push subscriptions',
  description:
    'The public key with which a browser subscribes. It stays the same for as long as the server keeps its database. A server that sends no push messages, which the features of `GET /` tell, answers `not_found`.',
  auth: 'bearer',
  answers: { 200: { description: 'The key.', body: PushKey } },
  problems: ['not_found'],
});

export const addPushSubscription = endpoint({
  method: 'POST',
  path: '/user/push-subscriptions',
  operationId: 'addPushSubscription',
  tag: 'Push',
  summary: 'Subscribe this device to push messages',
  description: `When a reply is complete or has failed, while no live feed of the account is open and visible and outside its quiet hours, a message is sent that the browser alone can decrypt: \`{type, chatroom_id, message_id, title, body, tag}\`, \`title\` in the person's language, \`body\` the room's name, never text of the conversation. A session has one subscription, which the next replaces, and which ends with the session; an account has at most ${pushSubscriptionsAtMost}, of which one more replaces the oldest. A browser that subscribes for another account leaves the one before.`,
  auth: 'bearer',
  idempotent: true,
  body: NewPushSubscription,
  answers: { 201: { description: 'The subscription.', body: PushSubscription, headers: LocationHeader } },
  problems: ['not_found'],
});

export const listPushSubscriptions = endpoint({
  method: 'GET',
  path: '/user/push-subscriptions',
  operationId: 'listPushSubscriptions',
  tag: 'Push',
  summary: 'List your push subscriptions',
  description: 'Those of sessions that are signed in, oldest first.',
  auth: 'bearer',
  answers: { 200: { description: 'The subscriptions.', body: Type.Array(ListedPushSubscription) } },
  problems: [],
});

export const deletePushSubscription = endpoint({
  method: 'DELETE',
  path: '/user/push-subscriptions/:subscription_id',
  operationId: 'deletePushSubscription',
  tag: 'Push',
  summary: 'End a push subscription',
  description: 'Nothing more is sent to that device.',
  auth: 'bearer',
  params: Type.Object({ subscription_id: Type.Integer({ ...Id, description: 'A push subscription of yours.' }) }),
  answers: { 204: { description: 'Ended.' } },
  problems: ['not_found'],
});
