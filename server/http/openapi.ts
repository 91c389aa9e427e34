/** The OpenAPI 3.1 document, generated from the registered endpoints. */
import type { Endpoint } from '../../contract/endpoint.ts';
import { describeOperation } from './openapi-operation.ts';
import { problemResponses } from './openapi-problems.ts';
import { hoistTitledSchemas, type JsonObject } from './titled-schemas.ts';

const about = `Pollux is a paid AI chat product that you run yourself: sign in by phone, create a room, ask, and follow the answer live.

**Start** with *Accounts*: sign up, request a code, exchange it for an access token, and send that as \`Authorization: Bearer\`.

**Errors** are \`application/problem+json\` (RFC 9457) with a stable \`code\`; [all of them explained](/problems).
Objects of other users are answered like missing ones: 404.

**Ids** are integers, **timestamps** RFC 3339 in UTC with milliseconds. Bodies are JSON in UTF-8; unknown members are ignored.

**Lists** page by id with \`limit\`, \`before\` and \`after\`; \`Link\` headers (RFC 8288) have the neighbouring pages.

**Conditional requests**: rooms, messages and plans have an \`ETag\`; with it in \`If-None-Match\` the answer is 304 until the object
changes. Private answers have \`Cache-Control: private, no-cache\`.

**Languages**: \`title\`, \`detail\` and the sentences of failed replies follow \`Accept-Language\` (en, es, ar, hi, ja; English
otherwise), also on the live feed. \`Content-Language\` names that of a problem.

**Every answer** has an \`x-request-id\`, which is also in the logs. Send your own to name a request: up to 64 letters, digits and \`_.:-\`.`;

const tags = [
  { name: 'Accounts', description: 'Sign-in by phone and one-time code; devices.' },
  { name: 'Memory', description: 'What the assistant knows in every room, and settings.' },
  { name: 'Chat rooms', description: 'Rooms of the signed-in user.' },
  { name: 'Messages', description: 'Questions and answers.' },
  { name: 'Files', description: 'Files that people upload.' },
  { name: 'Shared chats', description: 'Frozen copies of chats behind links that anyone can read.' },
  { name: 'Push', description: 'Messages to browsers that are closed: an answer is ready.' },
  { name: 'Live events', description: 'One feed for each user, with the events of all rooms.' },
  { name: 'Plans', description: 'Basic and Pro, paid through Stripe.' },
  { name: 'Operator', description: 'For administrators: accounts, queue, billing events, audit log, settings.' },
  { name: 'Service', description: 'Information, health and metrics of the server.' },
];

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From `POST /auth/verify-otp`.' },
  ticket: { type: 'apiKey', in: 'query', name: 'ticket', description: 'From `POST /events/ticket`, for one use.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'pollux-session',
    description: 'The refresh token of a browser, with the header `X-Session: cookie`.',
  },
};

/** Throws when two different schemas share a title. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): JsonObject {
  const responses: Record<string, object> = {};
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][endpoint.method.toLowerCase()] = describeOperation(endpoint, problemResponses(endpoint, responses));
  }
  const used = new Set(endpoints.map((endpoint) => endpoint.tag));
  const auths = new Set(endpoints.map((endpoint) => endpoint.auth));
  return hoistTitledSchemas({
    openapi: '3.1.0',
    info: { title: 'Pollux', version, description: about, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/', description: 'This server' }],
    tags: tags.filter(({ name }) => used.has(name)),
    paths,
    components: {
      securitySchemes: Object.fromEntries(
        Object.entries(securitySchemes).filter(([name]) => name === 'bearer' || auths.has(name as Endpoint['auth'])),
      ),
      responses,
    },
  });
}
