/** The documents name only what exists: every link, command, file, flag, setting and path is checked. */
import path from 'node:path';
import { expect, it } from 'vitest';
import * as accounts from '../../contract/accounts.ts';
import * as admin from '../../contract/admin.ts';
import * as adminUsage from '../../contract/admin-usage.ts';
import * as adminUsers from '../../contract/admin-users.ts';
import * as catalog from '../../contract/catalog.ts';
import * as chatrooms from '../../contract/chatrooms.ts';
import type { Endpoint } from '../../contract/endpoint.ts';
import * as events from '../../contract/events.ts';
import * as models from '../../contract/models.ts';
import * as messages from '../../contract/messages.ts';
import * as usage from '../../contract/usage.ts';
import * as unfinished from '../../contract/unfinished.ts';
import * as service from '../../contract/service.ts';
import * as plans from '../../contract/plans.ts';
import * as push from '../../contract/push.ts';
import * as subscriptions from '../../contract/subscriptions.ts';
import * as uploads from '../../contract/uploads.ts';
import { commands } from '../../server/admin/commands.ts';
import { brokenLinks, claimsOf, readDocuments } from './claims.ts';
import { readCode, unknownIn } from './look-up.ts';

const root = path.resolve(import.meta.dirname, '../..');
const documents = readDocuments(root);
const endpoints = [
  accounts,
  admin,
  adminUsage,
  adminUsers,
  catalog,
  chatrooms,
  events,
  messages,
  models,
  plans,
  push,
  service,
  subscriptions,
  unfinished,
  uploads,
  usage,
]
  .flatMap((contract) => Object.values<unknown>(contract))
  .filter((value): value is Endpoint => typeof value === 'object' && value !== null && 'method' in value);
const code = readCode(root, Object.keys(commands), endpoints);

it('are all found', () => {
  const names = documents.map(({ file }) => file);
  expect(names).toEqual(expect.arrayContaining(['README.md', path.join('docs', 'deployment.md')]));
  expect(documents.flatMap(claimsOf).length).toBeGreaterThan(500);
});

it('link to files and headings that exist', () => {
  expect(documents.flatMap((document) => brokenLinks(root, document))).toEqual([]);
  const text = '[a](gone.md) [b](README.md#gone) [c](README.md#settings) [d](https://example.com)';
  expect(brokenLinks(root, { file: 'made-up.md', text })).toEqual([
    'made-up.md: gone.md',
    'made-up.md: README.md#gone',
  ]);
});

it('name nothing that the code does not have', () => {
  const faults = documents
    .flatMap(claimsOf)
    .flatMap(({ at, text }) => unknownIn(text, code).map((fault) => `${at} ${text}: ${fault}`));
  expect(faults).toEqual([]);
});

it.each([
  ['npm run nothing', 'there is no script nothing'],
  ['node scripts/gone.ts', 'there is no file scripts/gone.ts'],
  ['npm run admin -- users forget', 'there is no command users forget'],
  ['npm run bench -- --slowly', 'nothing reads --slowly'],
  ['server/gone.ts', 'there is no file server/gone.ts'],
  ['GET /gone', 'nothing is served at GET /gone'],
  ['/ws2', 'nothing is served at /ws2'],
  ['DELETE /events', 'nothing is served at DELETE /events'],
  ['MADE_UP_SETTING', 'nothing reads MADE_UP_SETTING'],
  ['pollux_made_up_total', 'the code has no pollux_made_up_total'],
  ['claimNothing', 'the code has no claimNothing'],
])('are detected when they name %s', (text, fault) => {
  expect(unknownIn(text, code)).toEqual([fault]);
});

it.each([
  'npm run bench -- --quick',
  'npm run admin -- users find +49',
  'GET /chatroom/{id}/messages',
  '…/messages/{message_id}/cancel',
  'TWILIO_*',
  'NODE_ENV=production',
  'adapters/',
  'main.ts',
])('may name %s', (text) => {
  expect(unknownIn(text, code)).toEqual([]);
});
