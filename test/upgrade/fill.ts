/**
 * Creates `database.sql` and `read.json`: the database as filled by the product of commit 2977141, and what its accounts
 * read over HTTP. To create them again: copy this folder into a checkout of that commit with its packages installed, and
 * run `node test/upgrade/fill.ts` there, with PostgreSQL and Redis at the addresses of the tests.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { request, signIn, type Client } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, distributedPlace, startProduct } from '../harness.ts';
import { connectSql, type Sql } from '../sql.ts';
import { numbers, readAccounts } from './read-accounts.ts';

const folder = import.meta.dirname;
const file = (name: string) => path.join(folder, name);

await main();
process.exit(0);

async function main(): Promise<void> {
  const gemini = await startFakeGemini();
  const place = await distributedPlace();
  const environment = { BASIC_DAILY_LIMIT: '6', ...askAt(gemini) };
  const { sql } = await connectSql(place);
  const product = await startProduct(place, { environment });
  const pro = await signIn(product.url, { number: numbers.pro });
  await sql(`update users set tier = 'Pro', granted_tier = 'Pro'`);
  const basic = await signIn(product.url, { number: numbers.basic });
  await request('POST', `${product.url}/auth/signup`, { body: { mobile_number: numbers.unverified } });

  await conversation(pro);
  await failures(pro);
  await stopped(pro, sql);
  await atOnce(pro);
  await usedUp(basic);
  await pro.room('Nothing said yet');
  const gone = await pro.room('Deleted');
  await answered(pro, gone, 'Is this kept?');
  await pro.call('DELETE', `/chatroom/${gone}`);
  await unfinished(pro, basic, sql);

  const dump = execFileSync(
    'pg_dump',
    ['--inserts', '--no-owner', '--no-privileges', place.environment.DATABASE_URL!],
    {
      encoding: 'utf8',
    },
  );
  writeFileSync(file('database.sql'), `-- Made by test/upgrade/fill.ts; see there.\n${plain(dump)}`);
  await read();
}

/** Removes meta-commands of psql, comments and session settings, which a driver does not need. */
function plain(dump: string): string {
  const lines = dump.split('\n').filter((line) => !/^(\\|--|SET |SELECT pg_catalog\.set_config)/.test(line));
  return `${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

/** Reads the stored accounts without a worker, so that nothing changes. */
async function read(): Promise<void> {
  const place = await distributedPlace();
  execFileSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-f', file('database.sql'), place.environment.DATABASE_URL!]);
  const product = await startProduct(place, { environment: { BASIC_DAILY_LIMIT: '6' }, role: 'api' });
  const takenAt = new Date().toISOString();
  const accounts = await readAccounts(product.url);
  writeFileSync(file('read.json'), `${JSON.stringify({ taken_at: takenAt, ...accounts }, null, 2)}\n`);
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
}

async function answered(client: Client, roomId: number, question: string, headers = {}): Promise<Ids> {
  const { status, body } = await client.ask(roomId, question, headers);
  if (status !== 202) throw new Error(`${question} was answered with ${status}`);
  await client.waitForReply(roomId, { messageId: body.id });
  return { id: body.id, replyId: body.reply.id };
}

interface Ids {
  readonly id: number;
  readonly replyId: number;
}

async function again(client: Client, roomId: number, replyId: number): Promise<number> {
  const { body } = await client.call('POST', `/chatroom/${roomId}/messages/${replyId}/regenerate`);
  return body.reply.id;
}

async function ended(client: Client, roomId: number, replyId: number): Promise<void> {
  for (;;) {
    const { body } = await client.call('GET', `/chatroom/${roomId}/messages/${replyId}`);
    if (!['queued', 'generating'].includes(body.status)) return;
    await pause(20);
  }
}

/** Questions and answers, the last one regenerated twice, and an earlier one once. */
async function conversation(client: Client): Promise<void> {
  const roomId = await client.room('Trees');
  const replies: number[] = [];
  for (const what of ['oak', 'ash', 'elm', 'ilex']) {
    replies.push((await answered(client, roomId, `What is an ${what}?`)).replyId);
  }
  for (const replyId of [replies[3]!, replies[3]!, replies[1]!]) {
    await ended(client, roomId, await again(client, roomId, replyId));
  }
  await answered(client, roomId, 'And a yew? [[finish:MAX_TOKENS]]');
  await answered(client, roomId, 'And a bay?', { 'idempotency-key': 'a-key-of-the-stored-database' });
}

async function failures(client: Client): Promise<void> {
  const roomId = await client.room('Failures');
  for (const what of ['[[block]]', '', '[[badkey]]', 'at the second try [[fail:503x1]]', '[[fail:400]]']) {
    await answered(client, roomId, `Does this work? ${what}`);
  }
}

/** One cancelled while generating, one before it began. */
async function stopped(client: Client, sql: Sql): Promise<void> {
  const roomId = await client.room('Stopped');
  const first = await client.ask(roomId, 'Tell me all. [[drip:100]]');
  const second = await client.ask(roomId, 'Or less.');
  await checkpointed(sql, first.body.reply.id);
  for (const { body } of [second, first]) {
    await client.call('POST', `/chatroom/${roomId}/messages/${body.reply.id}/cancel`);
    await ended(client, roomId, body.reply.id);
  }
  await answered(client, roomId, 'Then tell me nothing.');
}

async function atOnce(client: Client): Promise<void> {
  const roomId = await client.room('At once');
  const sent = await Promise.all(['one', 'two', 'three', 'four'].map((what) => client.ask(roomId, `Number ${what}?`)));
  for (const { body } of sent) await ended(client, roomId, body.reply.id);
  await answered(client, roomId, 'Number five?');
}

async function usedUp(client: Client): Promise<void> {
  const roomId = await client.room('Six a day');
  for (const what of ['one', 'two [[block]]', 'three', 'four', 'five']) await answered(client, roomId, `Only ${what}?`);
}

/** Left unfinished: generating, queued behind it, waiting for a retry, and two for one question. */
async function unfinished(pro: Client, basic: Client, sql: Sql): Promise<void> {
  const twice = await pro.room('Asked for twice more');
  const { replyId } = await answered(pro, twice, 'Why? [[first:3]]');
  const running = await pro.room('Being written');
  await answered(pro, running, 'Are you there?');
  const long = await pro.ask(running, 'Tell me everything. [[drip:200]]');
  await pro.ask(running, 'And then?');
  const failing = await basic.room('Tried again');
  const tried = await basic.ask(failing, 'Is anybody there? [[fail:503:40]]');
  await checkpointed(sql, long.body.reply.id);
  for (;;) {
    const state = `select from messages where id = $1 and status = 'queued' and epoch > 0`;
    if ((await sql(state, [tried.body.reply.id])).length > 0) break;
    await pause(20);
  }
  // The vendor's Retry-After pauses all replies, so that these wait.
  await again(pro, twice, replyId);
  await again(pro, twice, replyId);
}

async function checkpointed(sql: Sql, id: number): Promise<void> {
  while (
    (await sql(`select from messages where id = $1 and status = 'generating' and content <> ''`, [id])).length === 0
  ) {
    await pause(20);
  }
}
