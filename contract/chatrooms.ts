/** Chat rooms: create, list, read, change, delete. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Id, LinkHeader, LocationHeader, Nullable, PageQuery, Text, Timestamp } from './shapes.ts';

/** Who named a room: a person, the server after its first reply, or nobody yet. */
export const nameSources = ['user', 'auto', 'default'] as const;

export const Chatroom = Type.Object(
  {
    id: Id,
    name: Type.String({ examples: ['Travel plans'] }),
    name_source: Type.Enum([...nameSources], {
      description: '`user`: named by you; `auto`: after its first reply; `default`: not named yet.',
      examples: ['user'],
    }),
    instructions: Type.Optional(
      Nullable(
        Type.String({
          description: 'Your instructions for this room. Left out of lists.',
          examples: ['Answer briefly.'],
        }),
      ),
    ),
    model: Nullable(
      Type.String({
        description:
          'Id of the model that is asked by default; null for that of your plan, which also answers while your plan does not have this one.',
        examples: [null],
      }),
    ),
    pinned: Type.Boolean({ examples: [false] }),
    archived: Type.Boolean({
      description: 'Left out of the usual list. A message sent un-archives it.',
      examples: [false],
    }),
    unread: Type.Integer({
      description: 'Replies after the last message read that have finished, counted up to 100.',
      examples: [0],
    }),
    created_at: Timestamp,
    updated_at: Type.String({ ...Timestamp, description: 'Latest activity: created, renamed, or a message sent.' }),
    head_id: Nullable(
      Type.Integer({
        description: 'The end of the current path through the tree of messages; null while the room is empty.',
        examples: [42],
      }),
    ),
  },
  { title: 'Chatroom' },
);
export type Chatroom = Static<typeof Chatroom>;

const nameText = '1 to 100 characters; NUL and unpaired surrogates are refused.';
const Name = Text(1, 100, { description: nameText, examples: ['Travel plans'] });

export const NewChatroom = Type.Object(
  {
    name: Type.Optional({
      ...Name,
      description: `${nameText} Left out: \`New chat\`, until the room is named after its first finished reply.`,
    }),
  },
  { title: 'NewChatroom' },
);

export const ChatroomChange = Type.Object(
  {
    name: Type.Optional(Name),
    instructions: Type.Optional(
      Nullable(Text(0, 4000, { description: 'At most 4,000 characters; null clears them.', examples: ['Be brief.'] })),
    ),
    model: Type.Optional(Nullable(Text(1, 200, { description: 'Id of a model of your plan; null for its default.' }))),
    pinned: Type.Optional(Type.Boolean()),
    archived: Type.Optional(Type.Boolean()),
    read_id: Type.Optional(
      Type.Integer({ ...Id, description: 'The newest message that was read. Only moves forwards.' }),
    ),
    head_id: Type.Optional(
      Type.Integer({
        ...Id,
        description: 'A message of the room: the path then runs through it, to the newest message below it.',
      }),
    ),
  },
  { title: 'ChatroomChange', examples: [{ name: 'Travel plans' }] },
);
export type ChatroomChange = Static<typeof ChatroomChange>;

export const ChatroomParams = Type.Object({ chatroom_id: Type.Integer({ ...Id, description: 'A room of yours.' }) });

export const listChatrooms = endpoint({
  method: 'GET',
  path: '/chatroom',
  operationId: 'listChatrooms',
  tag: 'Chat rooms',
  summary: 'List your rooms',
  description:
    'Latest activity first, the first 100 unless paged, without archived ones unless asked for. Follow `Link` for further pages. `before` and `after` name a room and mean older and newer than it. Served from a cache that your own writes always invalidate.',
  auth: 'bearer',
  conditional: true,
  query: Type.Object({
    ...PageQuery,
    cursor: Type.Optional(Type.String({ maxLength: 128, description: 'From `Link`.' })),
    archived: Type.Optional(
      Type.Enum(['true', 'false', 'any'], { description: 'Archived rooms, others (the default), or both.' }),
    ),
    pinned: Type.Optional(Type.Enum(['true'], { description: 'Only pinned rooms.' })),
  }),
  answers: { 200: { description: 'The rooms.', body: Type.Array(Chatroom), headers: LinkHeader } },
  problems: [],
});

export const createChatroom = endpoint({
  method: 'POST',
  path: '/chatroom',
  operationId: 'createChatroom',
  tag: 'Chat rooms',
  summary: 'Create a room',
  description: 'Creates a room that only you can see.',
  auth: 'bearer',
  idempotent: true,
  body: NewChatroom,
  answers: { 201: { description: 'The room.', body: Chatroom, headers: LocationHeader } },
  problems: [],
});

export const readChatroom = endpoint({
  method: 'GET',
  path: '/chatroom/:chatroom_id',
  operationId: 'readChatroom',
  tag: 'Chat rooms',
  summary: 'Read a room',
  description: 'One room of yours.',
  auth: 'bearer',
  conditional: true,
  params: ChatroomParams,
  answers: { 200: { description: 'The room.', body: Chatroom } },
  problems: ['not_found'],
});

export const changeChatroom = endpoint({
  method: 'PATCH',
  path: '/chatroom/:chatroom_id',
  operationId: 'renameChatroom',
  tag: 'Chat rooms',
  summary: 'Change a room',
  description:
    'Changes what the body names, in a room of yours. Of two writers the last wins. Only a new name counts as activity.',
  auth: 'bearer',
  params: ChatroomParams,
  body: ChatroomChange,
  answers: { 200: { description: 'The room.', body: Chatroom } },
  problems: ['not_found', 'plan_required'],
});

export const deleteChatroom = endpoint({
  method: 'DELETE',
  path: '/chatroom/:chatroom_id',
  operationId: 'deleteChatroom',
  tag: 'Chat rooms',
  summary: 'Delete a room',
  description: 'Deletes the room and all its messages. Charged messages are not refunded.',
  auth: 'bearer',
  params: ChatroomParams,
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not_found'],
});
