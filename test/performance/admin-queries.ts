/** Examples of the queries of operators, by exported name; for `every-query.ts`. */
import * as admins from '../../server/accounts/admins.ts';
import { revokeSessions } from '../../server/accounts/session-store.ts';
import * as doctor from '../../server/admin/doctor/doctor-store.ts';
import * as queue from '../../server/admin/queue-store.ts';
import * as rollups from '../../server/admin/rollup-store.ts';
import * as usage from '../../server/admin/usage-store.ts';
import * as users from '../../server/admin/user-store.ts';
import * as audit from '../../server/audit/store.ts';
import { checkEvents } from '../../server/subscriptions/event-store.ts';
import * as payments from '../../server/subscriptions/payment-store.ts';
import { makeAllSyncsDue } from '../../server/subscriptions/sync-store.ts';
import type { Connection } from '../../server/ports/database.ts';

type Call = (db: Connection) => Promise<unknown>;

const userId = 500;
const day = '2026-11-23';
const days = { from: '2026-09-01', to: '2026-11-30', open: [day] };
const payment = {
  id: 'in_500',
  kind: 'paid',
  invoiceId: 'in_500',
  tier: 'Pro',
  amount: 999,
  currency: 'usd',
  at: new Date(0),
} as const;
const standing = { grantedTier: null, role: 'user', blocked: true } as const;

export const adminStores: readonly object[] = [admins, audit, doctor, payments, queue, rollups, usage, users];

export const adminCalls: Readonly<Record<string, readonly Call[]>> = {
  promoteAdmins: [(db) => admins.promoteAdmins(db, ['+15550000500'])],
  revokeSessions: [(db) => revokeSessions(db, userId)],
  listUsers: [
    (db) => users.listUsers(db, { limit: 101 }),
    (db) => users.listUsers(db, { query: '500', tier: 'Basic', blocked: false, before: 90_000, limit: 101 }),
  ],
  readUser: [(db) => users.readUser(db, userId)],
  findByNumber: [(db) => users.findByNumber(db, '+15550000500')],
  lockAdmins: [(db) => users.lockAdmins(db)],
  lockUser: [(db) => users.lockUser(db, userId)],
  writeStanding: [(db) => users.writeStanding(db, userId, standing, 'Basic')],
  addAudit: [(db) => audit.addAudit(db, audit.commandLine, { action: 'blocked', userId })],
  listAudit: [(db) => audit.listAudit(db, { userId, before: 90_000, limit: 101 })],
  countUnfinished: [
    (db) => queue.countUnfinished({ ...db, run: async (...call) => (await db.run(...call), [{} as never]) }),
  ],
  listDaysDue: [(db) => rollups.listDaysDue(db, 100)],
  markDay: [(db) => rollups.markDay(db, day)],
  writeRollups: [(db) => rollups.writeRollups(db, day)],
  listOpenDays: [(db) => usage.listOpenDays(db, day, day)],
  readMeasures: [(db) => usage.readMeasures(db, 'day', days)],
  countActiveAccounts: [
    (db) => usage.countActiveAccounts(db, 'day', days),
    (db) => usage.countActiveAccounts(db, 'model', days),
  ],
  readFirstTexts: [(db) => usage.readFirstTexts(db, 'plan', days)],
  readRevenue: [(db) => usage.readRevenue(db, 'plan', days)],
  countUpgrades: [(db) => usage.countUpgrades(db, 'plan', days, ['Basic', 'Pro'])],
  listDuePayers: [(db) => payments.listDuePayers(db, userId, 4)],
  makeAllSyncsDue: [(db) => makeAllSyncsDue({ ...db, run: async (...call) => (await db.run(...call), [{} as never]) })],
  readDatabaseFacts: [(db) => doctor.readDatabaseFacts(db)],
  readJobFacts: [(db) => doctor.readJobFacts(db)],
  checkEvents: [(db) => checkEvents(db)],
  readBillingFacts: [(db) => doctor.readBillingFacts(db)],
  writePayments: [(db) => payments.writePayments(db, { userId, epoch: 0 }, [payment])],
  readToday: [(db) => usage.readToday({ ...db, run: async (...call) => (await db.run(...call), [{} as never]) })],
  listPausedModels: [(db) => queue.listPausedModels(db)],
  listFailures: [(db) => queue.listFailures(db)],
};
