/** Full-text search over one's own messages. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Id, LinkHeader, Text, Timestamp } from './shapes.ts';

export const SearchHit = Type.Object(
  {
    chatroom_id: Id,
    chatroom_name: Type.String({ examples: ['Travel plans'] }),
    message_id: Id,
    is_from_user: Type.Boolean({ description: 'False for a reply.', examples: [false] }),
    snippet: Type.String({
      description: 'The text around the first match; `…` where it is cut.',
      examples: ['Kilimanjaro, 5,895 m above the sea.'],
    }),
    matches: Type.Array(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 2, maxItems: 2 }), {
      description: 'Start and end of each match in `snippet`, in UTF-16 code units; the end is exclusive.',
      examples: [[[0, 11]]],
    }),
    created_at: Timestamp,
  },
  { title: 'SearchHit' },
);
export type SearchHit = Static<typeof SearchHit>;

export const searchPageSize = 20;

export const search = endpoint({
  method: 'GET',
  path: '/search',
  operationId: 'searchMessages',
  tag: 'Messages',
  summary: 'Search your messages',
  description:
    'Messages with all of the words, in all rooms and branches, best first among the newest 1,000 hits. The beginning of a word is enough; `"words in quotes"` must follow each other. Case and accents do not matter. A new message is found a few seconds after its text is final. The first 40,000 characters of a message are searched; a page ends early at 512 KiB of messages. `Link` leads on.',
  auth: 'bearer',
  query: Type.Object({
    q: Text(1, 200, { description: 'What to search for, 1 to 200 characters.', examples: ['kiliman'] }),
    chatroom_id: Type.Optional(Type.Integer({ ...Id, description: 'Only messages of this room.' })),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        default: searchPageSize,
        description: 'Maximum number of hits.',
        examples: [20],
      }),
    ),
    cursor: Type.Optional(Type.String({ maxLength: 200, description: 'From the `Link` of the page before.' })),
  }),
  answers: { 200: { description: 'The hits.', body: Type.Array(SearchHit), headers: LinkHeader } },
  problems: ['not_found'],
});
