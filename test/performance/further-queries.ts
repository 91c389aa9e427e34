/** Examples of the queries of files, push messages, plans and models, by exported name; for `every-query.ts`. */
import * as files from '../../server/files/store.ts';
import * as processing from '../../server/files/process-store.ts';
import * as texts from '../../server/files/text-store.ts';
import type { Connection } from '../../server/ports/database.ts';
import { priceCalls } from './price-queries.ts';
import { pushCalls, pushStore } from './push-queries.ts';

export { bounds, prices } from './price-queries.ts';
export const event = { id: 'evt_500', type: 'invoice.paid', customerId: 'cus_500', object: null };

type Call = (db: Connection) => Promise<unknown>;

const userId = 500;
const file = { userId, key: 'key-new', name: 'a.png', mediaType: 'image/png', reservedBytes: 1000 };

const made = {
  key: 'key-made',
  size: 1000,
  previewKey: 'key-preview',
  derivedBytes: 100,
  width: 10,
  height: 10,
  pages: null,
  textCut: false,
};

export const furtherCalls: Readonly<Record<string, readonly Call[]>> = {
  ...priceCalls,
  ...pushCalls,
  lockFiles: [(db) => files.lockFiles(db, userId)],
  insertFile: [(db) => files.insertFile(db, file, 1_000_000)],
  finishFile: [(db) => files.finishFile(db, 1, { size: 1000, status: 'ready', derivedBytes: 10 })],
  abandonFile: [(db) => files.abandonFile(db, 1)],
  readFile: [(db) => files.readFile(db, userId, 500)],
  removeFile: [(db) => files.removeFile(db, userId, 500)],
  removeUnusedFiles: [(db) => files.removeUnusedFiles(db)],
  removeUnfinishedFiles: [(db) => files.removeUnfinishedFiles(db)],
  findOrphans: [(db) => files.findOrphans(db, ['key-500', 'none'])],
  removeFilesOf: [(db) => files.removeFilesOf(db, userId, 100)],
  listNewestFiles: [(db) => files.listNewestFiles(db, userId, Number.MAX_SAFE_INTEGER, 101)],
  readUsedBytes: [(db) => files.readUsedBytes(db, userId)],
  listFiles: [(db) => files.listFiles(db, userId, 0, 100)],
  beginProcessing: [(db) => processing.beginProcessing(db, 500)],
  giveBackAttempt: [(db) => processing.giveBackAttempt(db, 500)],
  completeFile: [(db) => processing.completeFile(db, { id: 500, key: 'key-500' }, made, 1_000_000)],
  failFile: [(db) => processing.failFile(db, { id: 500, key: 'key-500' }, 'damaged')],
  findUnprocessed: [(db) => processing.findUnprocessed(db, 200)],
  addPassages: [(db) => texts.addPassages(db, 500, [{ page: 1, text: 'words', terms: 'words' }])],
  readPassages: [(db) => texts.readPassages(db, userId, 500, 100_000)],
};

/** Stores of these, all of whose functions need an example. */
export const furtherStores = [pushStore];
