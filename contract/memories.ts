/** What the assistant knows about a user in every room: instructions and memories, and their settings. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Id, LocationHeader, Nullable, Text, Timestamp } from './shapes.ts';

/** Limit of memories of an account. */
export const memoriesAtMost = 100;

export const Memory = Type.Object(
  { id: Id, content: Type.String({ examples: ['I am a vegetarian.'] }), created_at: Timestamp },
  { title: 'Memory' },
);
export type Memory = Static<typeof Memory>;

export const MemoryContent = Type.Object(
  {
    content: Text(1, 500, {
      description: '1 to 500 characters; NUL and unpaired surrogates are refused.',
      examples: ['I am a vegetarian.'],
    }),
  },
  { title: 'MemoryContent' },
);

const hourOfDay = { pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' };

const settings = {
  instructions: Nullable(
    Text(1, 4000, {
      description: 'Sent with every question in every room, up to 4,000 characters. Null if there are none.',
      examples: ['Answer briefly.'],
    }),
  ),
  memory_enabled: Type.Boolean({
    description: 'False: memories are kept, but not sent with questions.',
    examples: [true],
  }),
  language: Nullable(
    Type.String({
      maxLength: 35,
      pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$',
      description: 'Language of the interface (BCP 47), for clients; null follows the device.',
      examples: ['en'],
    }),
  ),
  push_quiet: Nullable(
    Type.Object(
      {
        from: Type.String({
          ...hourOfDay,
          description: 'The first minute without push messages.',
          examples: ['22:00'],
        }),
        to: Type.String({ ...hourOfDay, description: 'The first minute with them again.', examples: ['07:00'] }),
        time_zone: Type.String({
          minLength: 1,
          maxLength: 64,
          description: 'IANA name of the zone that both are meant in.',
          examples: ['Europe/Berlin'],
        }),
      },
      {
        description:
          'Hours of each day without push messages, over midnight if `from` is later; equal ends mean the whole day. Null for none.',
        examples: [{ from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' }],
      },
    ),
  ),
};

export const UserSettings = Type.Object(settings, { title: 'UserSettings' });
export type UserSettings = Static<typeof UserSettings>;

export const UserSettingsChange = Type.Partial(Type.Object(settings), {
  title: 'UserSettingsChange',
  examples: [{ instructions: 'Answer briefly.' }],
});
export type UserSettingsChange = Static<typeof UserSettingsChange>;

const MemoryParams = Type.Object({ memory_id: Type.Integer({ ...Id, description: 'A memory of yours.' }) });

export const listMemories = endpoint({
  method: 'GET',
  path: '/user/memories',
  operationId: 'listMemories',
  tag: 'Memory',
  summary: 'List your memories',
  description: `Oldest first, all of them: at most ${memoriesAtMost}.`,
  auth: 'bearer',
  answers: { 200: { description: 'The memories.', body: Type.Array(Memory) } },
  problems: [],
});

export const addMemory = endpoint({
  method: 'POST',
  path: '/user/memories',
  operationId: 'addMemory',
  tag: 'Memory',
  summary: 'Add a memory',
  description: `Something to be known in every room from the next question on. An account has at most ${memoriesAtMost}.`,
  auth: 'bearer',
  idempotent: true,
  body: MemoryContent,
  answers: { 201: { description: 'The memory.', body: Memory, headers: LocationHeader } },
  problems: ['limit_reached'],
});

export const changeMemory = endpoint({
  method: 'PATCH',
  path: '/user/memories/:memory_id',
  operationId: 'changeMemory',
  tag: 'Memory',
  summary: 'Change a memory',
  description: 'Replaces the text of a memory of yours.',
  auth: 'bearer',
  params: MemoryParams,
  body: MemoryContent,
  answers: { 200: { description: 'The memory.', body: Memory } },
  problems: ['not_found'],
});

export const deleteMemory = endpoint({
  method: 'DELETE',
  path: '/user/memories/:memory_id',
  operationId: 'deleteMemory',
  tag: 'Memory',
  summary: 'Delete a memory',
  description: 'Questions asked from then on are sent without it.',
  auth: 'bearer',
  params: MemoryParams,
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not_found'],
});

export const readSettings = endpoint({
  method: 'GET',
  path: '/user/settings',
  operationId: 'readUserSettings',
  tag: 'Memory',
  summary: 'Read your settings',
  description:
    'Instructions for every room, whether memories are used, the language of the interface, and hours without push messages.',
  auth: 'bearer',
  answers: { 200: { description: 'The settings.', body: UserSettings } },
  problems: [],
});

export const changeSettings = endpoint({
  method: 'PATCH',
  path: '/user/settings',
  operationId: 'changeUserSettings',
  tag: 'Memory',
  summary: 'Change your settings',
  description:
    'Changes the given members and leaves the others. Null clears `instructions`, `language` and `push_quiet`.',
  auth: 'bearer',
  body: UserSettingsChange,
  answers: { 200: { description: 'The settings.', body: UserSettings } },
  problems: [],
});
