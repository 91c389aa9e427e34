/** Shared chats: frozen copies behind links that anyone can read. */
import { Type, type Static } from 'typebox';
import { ChatroomParams } from './chatrooms.ts';
import { endpoint } from './endpoint.ts';
import { Id, LocationHeader, Nullable, Timestamp } from './shapes.ts';

export const Share = Type.Object(
  {
    id: Id,
    url: Type.String({
      description: 'URL of the page in a browser. Its last part is the token of `GET /shared/{token}`.',
      examples: ['https://chat.example/app/shared/q2VfA0gmTHe5XyN0cZ3oWgk8Jx1bQ4rU7vLmPtYdEaSc'],
    }),
    created_at: Timestamp,
  },
  { title: 'Share' },
);
export type Share = Static<typeof Share>;

export const SharedMessage = Type.Object(
  {
    content: Type.String({ examples: ['Kilimanjaro, 5,895 m above the sea.'] }),
    is_from_user: Type.Boolean({ examples: [false] }),
    model: Nullable(Type.String({ description: 'For a reply: the model that wrote it, if known.', examples: [null] })),
    created_at: Timestamp,
    attachments: Type.Optional(
      Type.Array(Type.Object({ name: Type.String({ examples: ['peak.png'] }) }), {
        description: 'Files of the message, by name only; left out of copies from before there were files.',
      }),
    ),
  },
  { title: 'SharedMessage' },
);
export type SharedMessage = Static<typeof SharedMessage>;

export const SharedChat = Type.Object(
  {
    name: Type.String({ description: 'Name of the room when it was shared.', examples: ['Travel plans'] }),
    created_at: Type.String({ ...Timestamp, description: 'When it was shared.' }),
    messages: Type.Array(SharedMessage),
  },
  { title: 'SharedChat' },
);
export type SharedChat = Static<typeof SharedChat>;

const ShareParams = Type.Object({
  ...ChatroomParams.properties,
  share_id: Type.Integer({ ...Id, description: 'A share of that room.' }),
});

/** Sent with every answer about a shared chat. */
export const unlisted = { 'x-robots-tag': 'noindex' } as const;

export const createShare = endpoint({
  method: 'POST',
  path: '/chatroom/:chatroom_id/shares',
  operationId: 'createShare',
  tag: 'Shared chats',
  summary: 'Share a room',
  description:
    'Copies the finished text of the current path. Anyone who has the link can read the copy until the share, the room or the account is deleted; later messages are not added. A room has at most 100 shares, each of at most 1 MiB as JSON.',
  auth: 'bearer',
  idempotent: true,
  holdsSecret: true,
  params: ChatroomParams,
  answers: { 201: { description: 'The share.', body: Share, headers: LocationHeader } },
  problems: ['not_found', 'limit_reached'],
});

export const listShares = endpoint({
  method: 'GET',
  path: '/chatroom/:chatroom_id/shares',
  operationId: 'listShares',
  tag: 'Shared chats',
  summary: 'List the shares of a room',
  description: 'Newest first, at most 100.',
  auth: 'bearer',
  holdsSecret: true,
  params: ChatroomParams,
  answers: { 200: { description: 'The shares.', body: Type.Array(Share) } },
  problems: ['not_found'],
});

export const deleteShare = endpoint({
  method: 'DELETE',
  path: '/chatroom/:chatroom_id/shares/:share_id',
  operationId: 'deleteShare',
  tag: 'Shared chats',
  summary: 'Delete a share',
  description: 'Its link is dead at once.',
  auth: 'bearer',
  params: ShareParams,
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not_found'],
});

export const readShared = endpoint({
  method: 'GET',
  path: '/shared/:token',
  operationId: 'readShared',
  tag: 'Shared chats',
  summary: 'Read a shared chat',
  description:
    'For anyone who has the link, at a rate for each address. The page for browsers is `/app/shared/{token}`. The answer must not be cached, since a deleted share ends at once.',
  auth: 'none',
  holdsSecret: true,
  params: Type.Object({
    token: Type.String({
      maxLength: 100,
      description: 'The last part of a share’s `url`.',
      examples: ['q2VfA0gmTHe5XyN0cZ3oWgk8Jx1bQ4rU7vLmPtYdEaSc'],
    }),
  }),
  answers: {
    200: {
      description: 'The frozen copy.',
      body: SharedChat,
      headers: {
        'x-robots-tag': { description: 'Search engines keep it out.', schema: Type.String({ examples: ['noindex'] }) },
      },
    },
  },
  problems: ['not_found', 'too_many_requests'],
});
