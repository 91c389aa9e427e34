/** Calls every function of every store with example values, so that a test can check each statement. */
import * as codes from '../../server/accounts/code-store.ts';
import * as keys from '../../server/accounts/idempotency-store.ts';
import * as sessions from '../../server/accounts/session-store.ts';
import * as accounts from '../../server/accounts/store.ts';
import { acceptCalls } from './accept-queries.ts';
import { adminCalls, adminStores } from './admin-queries.ts';
import * as chatrooms from '../../server/chatrooms/store.ts';
import { builtInPlans } from '../built-in-plans.ts';
import { bounds, event, furtherCalls, furtherStores, prices } from './further-queries.ts';
import * as events from '../../server/events/store.ts';
import * as memories from '../../server/memories/store.ts';
import * as accept from '../../server/messages/accept-store.ts';
import * as accountExports from '../../server/privacy/export-store.ts';
import * as exports from '../../server/messages/export-store.ts';
import * as feedback from '../../server/messages/feedback-store.ts';
import * as messages from '../../server/messages/store.ts';
import type { Connection, Statement } from '../../server/ports/database.ts';
import * as quotas from '../../server/plans/store.ts';
import * as privacy from '../../server/privacy/store.ts';
import * as backlog from '../../server/replies/backlog-store.ts';
import * as claims from '../../server/replies/claim-store.ts';
import { planTurns } from '../../server/replies/plan-turns.ts';
import { failureOf } from '../../server/replies/failure.ts';
import * as promptFiles from '../../server/replies/file-store.ts';
import * as prompts from '../../server/replies/prompt-store.ts';
import * as missingModel from '../../server/replies/missing-model-store.ts';
import * as rescue from '../../server/replies/rescue-store.ts';
import * as replies from '../../server/replies/store.ts';
import * as summaries from '../../server/replies/summary-store.ts';
import * as titles from '../../server/replies/title-store.ts';
import * as unfinished from '../../server/replies/unfinished-store.ts';
import * as shares from '../../server/shares/store.ts';
import * as searchIndex from '../../server/search/index-store.ts';
import * as search from '../../server/search/store.ts';
import * as billingEvents from '../../server/subscriptions/event-store.ts';
import * as billing from '../../server/subscriptions/store.ts';
import * as syncs from '../../server/subscriptions/sync-store.ts';
import { runHousekeeping } from '../run-housekeeping.ts';

export interface Query {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

type Call = (db: Connection) => unknown;
const id = '00000000-0000-4000-8000-000000000001';
const room = { userId: 500, roomId: 500 };
const { userId, roomId } = room;
const asker = { numberKey: 'key-500', networkKey: 'network-500' };
const owner = { id: 4000, epoch: 1, workerId: id };
const plans = builtInPlans(5);
const failure = failureOf('timed_out');
const claiming = {
  workerId: id,
  limit: 10,
  timeoutMs: 300_000,
  models: ['m'],
  plans,
  turns: planTurns(() => ({ Basic: 1, Pro: 4 })),
  mayTakeLastChance: true,
};
const begun = { userId, customerId: 'cus_500', requested: 1, epoch: 1, now: new Date() };
const found = {
  tier: 'Pro',
  status: 'active',
  subscriptionId: 'sub_1',
  currentPeriodEnd: new Date(),
  cancelAtPeriodEnd: false,
  recheckAt: null,
} as const;
const searched = { index: "'\u0001words':*", phrases: "('some' <-> 'words')", rank: "'words':*" };
const indexed = { afterId: 4000, terms: new Map([[4000, 'some']]), wait: [4001], again: [4002], giveUp: [4003] };
const roomFilters = ['live', 'archived', 'any', 'live_pinned', 'archived_pinned', 'any_pinned'] as const;

/** By exported name; several calls where a function has several statements. */
const calls: Readonly<Record<string, readonly Call[]>> = {
  ...acceptCalls,
  ...adminCalls,
  ...furtherCalls,
  lockKey: [(db) => keys.lockKey(answering(db, { free: true }), userId, 'key-500')],
  findKey: [(db) => keys.findKey(db, userId, 'key-500')],
  keepKey: [(db) => keys.keepKey(db, userId, 'k', { fingerprint: 'f', answer: '{}' })],
  addUser: [(db) => accounts.addUser(db, '+15550000500', 'Basic')],
  readRegistration: [(db) => accounts.readRegistration(db, '+15550000500')],
  markVerified: [(db) => accounts.markVerified(db, '+15550000500')],
  readNumber: [(db) => accounts.readNumber(db, userId)],
  markUserDeleted: [(db) => accounts.markUserDeleted(db, userId)],
  readCodeState: [(db) => codes.readCodeState(db, asker, 60)],
  replaceCode: [(db) => codes.replaceCode(db, { numberKey: 'key-500', codeMac: 'mac', firstWaitSeconds: 60 })],
  adoptCode: [(db) => codes.adoptCode(db, ['key-500', 'key-501'])],
  countGuess: [(db) => codes.countGuess(db, asker)],
  countWrongGuess: [(db) => codes.countWrongGuess(db, asker)],
  useCode: [(db) => codes.useCode(db, asker, 'mac')],
  noteSms: [(db) => codes.noteSms(db, { numberKey: 'key-500', codeMac: 'mac', country: 'US', prefixKey: 'key' })],
  readUnusedCodes: [(db) => codes.readUnusedCodes(db, { country: 30, prefix: 10 })],
  addSession: [(db) => sessions.addSession(db, { id, userId, userAgent: null })],
  readSession: [(db) => sessions.readSession(db, id)],
  rotateSession: [(db) => sessions.rotateSession(db, id, 1)],
  revokeSession: [(db) => sessions.revokeSession(db, id, userId)],
  listLiveSessions: [(db) => sessions.listLiveSessions(db, userId)],
  readLiveSession: [(db) => sessions.readLiveSession(db, id)],
  readChanges: [(db) => sessions.readChanges(db, 99_000)],
  deleteSessions: [(db) => sessions.deleteSessions(db, userId)],
  listRooms: roomFilters.flatMap((filter) =>
    (['older', 'newer'] as const).map(
      (direction) => (db: Connection) =>
        chatrooms.listRooms(db, userId, {
          filter,
          direction,
          limit: 100,
          from: { updatedAt: new Date(), id: roomId },
        }),
    ),
  ),
  readPosition: [(db) => chatrooms.readPosition(db, userId, roomId)],
  addRoom: [(db) => chatrooms.addRoom(db, userId, 'A room')],
  readAskedRooms: [(db) => chatrooms.readAskedRooms(db, [{ userId, roomId }])],
  readRoom: [(db) => chatrooms.readRoom(db, userId, roomId)],
  changeRoom: [(db) => chatrooms.changeRoom(db, userId, roomId, { name: 'A room', headId: 4000, readId: 4000 })],
  deleteRoom: [(db) => chatrooms.deleteRoom(db, userId, roomId)],
  listMemories: [(db) => memories.listMemories(db, userId)],
  lockMemories: [(db) => memories.lockMemories(db, userId)],
  insertMemory: [(db) => memories.insertMemory(db, userId, 'I am a vegetarian.', 100)],
  changeMemory: [(db) => memories.changeMemory(db, userId, 4000, 'I am a vegetarian.')],
  deleteMemory: [(db) => memories.deleteMemory(db, userId, 4000)],
  readSettings: [(db) => memories.readSettings(db, userId)],
  changeSettings: [(db) => memories.changeSettings(db, userId, { memory_enabled: false })],
  readInstructionsAndMemories: [(db) => memories.readInstructionsAndMemories(db, [userId])],
  searchMessages: [
    (db) => search.searchMessages(db, userId, searched, { newestId: 1_000_000, last: null }, 20),
    (db) => search.searchMessages(db, userId, searched, { newestId: 1_000_000, last: { rank: 0.1, id: 4000 } }, 20),
  ],
  holdIndex: [(db) => searchIndex.holdIndex(db, id)],
  readNewer: [(db) => searchIndex.readNewer(db, 999_000)],
  readDue: [(db) => searchIndex.readDue(db)],
  writeIndex: [(db) => searchIndex.writeIndex(answering(db, { held: true }), id, indexed)],
  addTicket: [
    (db) => events.addTicket(db, 'hash-0', { userId, sessionId: id, tokenExpiresAt: new Date(), language: null }, 60),
  ],
  takeTicket: [(db) => events.takeTicket(db, 'hash-500')],
  housekeeping: [(db) => runHousekeeping(db)],
  listMessages: [{}, { before: 1e5 }, { before: 1e5, onPath: true }, { after: 1e5 }, { through: 1e5 }].map(
    (cursor) => (db) => messages.listMessages(db, room, { limit: 100, pending: false, ...cursor }),
  ),
  readBranches: [(db) => exports.readBranches(db, { ...room, after: 100_000 })],
  readMessage: [(db) => messages.readMessage(db, userId, roomId, 4000)],
  readPathPages: [(db) => exports.readPathPages(db, room)],
  readPathPage: [(db) => exports.readPathPage(db, { ...room, ids: [100_000] })],
  isWhole: [(db) => exports.isWhole(db, room)],
  readExportedAccount: [(db) => accountExports.readExportedAccount(db, userId)],
  listExportedRooms: [(db) => accountExports.listExportedRooms(db, userId, 100)],
  readNextShare: [(db) => accountExports.readNextShare(db, { userId, roomId, after: 1 })],
  setFeedback: [(db) => feedback.setFeedback(db, { ...room, replyId: 4000 }, 'up')],
  addShare: [(db) => shares.addShare(answering(db, { shares: 0, id: null }), userId, roomId, 'handle')],
  listShares: [(db) => shares.listShares(db, userId, roomId)],
  deleteShare: [(db) => shares.deleteShare(db, userId, roomId, 500)],
  findShared: [(db) => shares.findShared(db, 'handle-500')],
  readSharedText: [(db) => shares.readSharedText(db, 500)],
  readUsage: [(db) => quotas.readUsage(db, userId)],
  keepUsage: [(db) => quotas.keepUsage(db, userId, 'key-500')],
  restoreUsage: [(db) => quotas.restoreUsage(db, userId, ['key-500'])],
  cancelAllReplies: [(db) => privacy.cancelAllReplies(db, userId)],
  deleteAllShares: [(db) => privacy.deleteAllShares(db, userId)],
  recordDeletion: [(db) => privacy.recordDeletion(answering(db, { id: 500 }), userId)],
  eraseSomeMessages: [
    (db) => privacy.eraseSomeMessages(db, userId),
    (db) => privacy.eraseSomeMessages(answering(db, { messages: 0, roomId }), userId),
  ],
  eraseAccountRow: [(db) => privacy.eraseAccountRow(db, userId)],
  findDeletedAccounts: [(db) => privacy.findDeletedAccounts(db, 200)],
  findLeftCustomers: [(db) => privacy.findLeftCustomers(db, 200)],
  readLeftCustomer: [(db) => privacy.readLeftCustomer(db, 500)],
  forgetCustomerOf: [(db) => privacy.forgetCustomerOf(db, 500, 'cus_500')],
  markModelMissing: [(db) => missingModel.markModelMissing(db, 'm')],
  takeModelProbes: [(db) => missingModel.takeModelProbes(db, ['m'])],
  markModelFound: [(db) => missingModel.markModelFound(db, 'm')],
  readMissingModels: [(db) => missingModel.readMissingModels(db, ['m'])],
  failMissingReplies: [(db) => rescue.failMissingReplies(db, failure, 20, ['m'])],
  readBacklog: [(db) => backlog.readBacklog(db, plans)],
  failOrphans: [(db) => rescue.failOrphans(db, failure, 20, prices)],
  takeBackOrphans: [(db) => rescue.takeBackOrphans(db, prices)],
  cancelUnheld: [(db) => rescue.cancelUnheld(db, id, [4000], prices)],
  takeBackUnheld: [(db) => rescue.takeBackUnheld(db, id, [4000], prices)],
  cancelOrphans: [(db) => rescue.cancelOrphans(db, prices)],
  failOverdueReplies: [(db) => rescue.failOverdueReplies(db, failure, bounds, prices)],
  requestReplyCancel: [(db) => rescue.requestReplyCancel(db, userId, roomId, 4000)],
  removeDeadWorkers: [(db) => rescue.removeDeadWorkers(db)],
  claimReplies: [(db) => claims.claimReplies(db, claiming)],
  finishReply: [(db) => replies.finishReply(db, owner, { status: 'complete', content: 'So.', truncated: false })],
  failReply: [(db) => replies.failReply(db, owner, failure, 20)],
  releaseReply: [(db) => replies.releaseReply(db, owner, { delayMs: 1000, counted: true })],
  pauseModel: [(db) => replies.pauseModel(db, 'm', 1000)],
  checkpointReplies: [(db) => replies.checkpointReplies(db, id, [{ id: 4000, epoch: 1, text: 'So' }])],
  listUnfinished: [(db) => unfinished.listUnfinished(db, userId, 0, 101)],
  readHeld: [(db) => replies.readHeld(db, id, [4000, 4001])],
  beatWorker: [(db) => replies.beatWorker(db, id)],
  removeWorker: [(db) => replies.removeWorker(db, id)],
  removeOtherWorkers: [(db) => replies.removeOtherWorkers(db, id)],
  isModelPaused: [(db) => replies.isModelPaused(answering(db, { paused: false }), 'm')],
  readFinishedReply: [(db) => summaries.readFinishedReply(db, 4000)],
  addSummary: [(db) => summaries.addSummary(db, 4000, 'So.')],
  readBeginning: [(db) => titles.readBeginning(db, 4000, 2000)],
  giveTitle: [(db) => titles.giveTitle(db, roomId, 'Trees')],
  readPaths: [(db) => prompts.readPaths(db, [100_000], [32_000])],
  noteEvent: [(db) => billingEvents.noteEvent(db, event, 'received')],
  readReceivedEvent: [(db) => billingEvents.readReceivedEvent(db, 500)],
  settleEvent: [(db) => billingEvents.settleEvent(db, 500, 'applied', 'cus_500')],
  findUnappliedEvents: [(db) => billingEvents.findUnappliedEvents(db, 200)],
  listEvents: [(db) => billingEvents.listEvents(db, 20, null), (db) => billingEvents.listEvents(db, 20, 'cus_500')],
  readRecordedEvent: [(db) => billingEvents.readRecordedEvent(db, 500)],
  replayEvent: [(db) => billingEvents.replayEvent(db, 'evt_500')],
  readCustomer: [(db) => billing.readCustomer(db, userId)],
  addCustomer: [(db) => billing.addCustomer(db, userId, 'cus_500')],
  replaceCustomer: [(db) => billing.replaceCustomer(db, userId, 'cus_500', 'cus_new')],
  rememberCheckout: [(db) => billing.rememberCheckout(db, userId, 0, 'cs_1')],
  endCheckoutRound: [(db) => billing.endCheckoutRound(db, userId, 0)],
  endAnyCheckoutRound: [(db) => billing.endAnyCheckoutRound(db, userId)],
  readStanding: [(db) => billing.readStanding(db, userId)],
  requestSync: [(db) => syncs.requestSync(db, 'cus_500')],
  requestDueSyncs: [(db) => syncs.requestDueSyncs(db, 200)],
  requestAllSyncs: [(db) => syncs.requestAllSyncs(db)],
  beginSync: [(db) => syncs.beginSync(db, userId)],
  finishSync: [(db) => syncs.finishSync(db, begun, found)],
};

/** Exported functions that return SQL for others and run none. */
const fragments = new Set([
  'modelOf',
  'chargeCte',
  'costColumns',
  'refusalColumns',
  'refundCtes',
  'failedSets',
  'bytesOf',
  'messageColumns',
  'ownColumns',
  'modelThatWrote',
  'largestPromptBytes',
]);

/** Exported functions of the stores that have no example above. */
export function withoutExample(): string[] {
  const talking = [
    chatrooms,
    messages,
    feedback,
    accept,
    replies,
    rescue,
    missingModel,
    backlog,
    claims,
    prompts,
    promptFiles,
    quotas,
    privacy,
    ...adminStores,
    ...furtherStores,
    shares,
    exports,
    accountExports,
  ];
  const others = [accounts, memories, codes, sessions, events, billing, billingEvents, syncs, search, searchIndex];
  return [...talking, ...others]
    .flatMap((store) => Object.entries(store))
    .filter(([name, value]) => typeof value === 'function' && !fragments.has(name) && !(name in calls))
    .map(([name]) => name);
}

/** Every query the examples run first; none reaches a database. */
export async function everyQuery(): Promise<Query[]> {
  const queries: Query[] = [];
  for (const examples of Object.values(calls)) {
    for (const example of examples) await example(recorder(queries));
  }
  return queries;
}

function recorder(queries: Query[]): Connection {
  return {
    async run<Row>({ name, text }: Statement<Row>, values: readonly unknown[]) {
      queries.push({ name, text, values });
      return [];
    },
    execute: async () => [],
  };
}

/** Returns this row for each statement. */
function answering(db: Connection, row: object): Connection {
  return {
    ...db,
    async run<Row>(statement: Statement<Row>, values: readonly unknown[]) {
      await db.run(statement, values);
      return [row as Row];
    },
  };
}
