/** HTTP for operators; 404 without the role. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as contract from '../../contract/admin.ts';
import { adminReadUsage } from '../../contract/admin-usage.ts';
import * as users from '../../contract/admin-users.ts';
import type { Keys } from '../accounts/keys.ts';
import type { LiveSessions } from '../accounts/live-sessions.ts';
import { listAudit, type Actor } from '../audit/store.ts';
import type { SettingInForce } from '../config/in-force.ts';
import { linkPages } from '../http/page.ts';
import type { Caller, Serve } from '../http/serve.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { listEvents } from '../subscriptions/event-store.ts';
import { readStanding } from '../subscriptions/store.ts';
import { replayBillingEvent, requestReconciliation } from './billing.ts';
import { changeUser, endSessions, type ChangeDeps } from './change-user.ts';
import { deleteUser } from './delete-user.ts';
import type { Finding } from './doctor/finding.ts';
import type { PaymentDeps } from './plan-of-payment.ts';
import { presentAudit, presentDetail, presentEvent, presentQueue, presentUser } from './present.ts';
import { readQueue } from './queue.ts';
import { readUsageReport } from './usage.ts';
import { listUsers, readUser } from './user-store.ts';

const pageSize = 100;

export interface AdminHttpDeps extends PaymentDeps {
  readonly liveSessions: LiveSessions;
  readonly keys: Keys;
  readonly settingsInForce: readonly SettingInForce[];
  readonly examine: () => Promise<Finding[]>;
}

export function serveAdmin(serve: Serve, deps: AdminHttpDeps): void {
  const { db } = deps;
  const changing: ChangeDeps = { ...deps, endSession: (id) => deps.liveSessions.end(id, 'signed_out') };

  serve(users.adminListUsers, async ({ query, request, reply }) => {
    const { q, tier, before, limit = pageSize } = query;
    const blocked = query.blocked === undefined ? undefined : query.blocked === 'true';
    const rows = await listUsers(db, { query: q, tier, blocked, before, limit: limit + 1 });
    return page(rows, limit, request, reply).map(presentUser);
  });

  serve(users.adminReadUser, ({ params }) => describe(params.user_id));

  serve(users.adminChangeUser, async ({ caller, params, body }) => {
    await changeUser(changing, actorOf(caller), params.user_id, body);
    return describe(params.user_id);
  });

  serve(users.adminEndSessions, async ({ caller, params }) => {
    await endSessions(changing, actorOf(caller), params.user_id);
    return undefined;
  });

  serve(users.adminDeleteUser, async ({ caller, params }) => {
    await deleteUser({ ...changing, keys: deps.keys }, actorOf(caller), params.user_id);
    return undefined;
  });

  serve(contract.adminReadQueue, async () => presentQueue(await readQueue(db, deps.plans)));

  serve(adminReadUsage, ({ query }) => readUsageReport(deps, query));

  serve(contract.adminListBillingEvents, async ({ query, request, reply }) => {
    const { customer = null, before = null, limit = pageSize } = query;
    const rows = await listEvents(db, limit + 1, customer, before);
    return page(rows, limit, request, reply).map(presentEvent);
  });

  serve(contract.adminReplayBillingEvent, async ({ caller, params }) => {
    if (deps.payments === null) throw new ProblemError('billing_not_configured');
    return presentEvent(await replayBillingEvent(deps, actorOf(caller), String(params.event_id)));
  });

  serve(contract.adminReconcileBilling, async ({ caller }) => {
    if (deps.payments === null) throw new ProblemError('billing_not_configured');
    return { customers: await requestReconciliation(db, actorOf(caller)) };
  });

  serve(contract.adminListAudit, async ({ query, request, reply }) => {
    const { account_id: userId = null, before = null, limit = pageSize } = query;
    const rows = await listAudit(db, { userId, before, limit: limit + 1 });
    return page(rows, limit, request, reply).map(presentAudit);
  });

  serve(contract.adminListSettings, async () =>
    deps.settingsInForce.map(({ name, value, isDefault, about }) => ({ name, value, is_default: isDefault, about })),
  );

  serve(contract.adminExamine, () => deps.examine());

  async function describe(userId: number) {
    const [user, standing] = await Promise.all([readUser(db, userId), readStanding(db, userId)]);
    if (user === null) throw notFound();
    return presentDetail(user, standing);
  }
}

const actorOf = ({ userId }: Caller): Actor => ({ kind: 'admin', userId });

/** A page of rows, newest first; one row more than the page was read. */
function page<Row extends { readonly id: number }>(
  rows: readonly Row[],
  limit: number,
  request: FastifyRequest,
  reply: FastifyReply,
): readonly Row[] {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  linkPages(request, reply, { next: last ? { before: last.id } : null, prev: null });
  return shown;
}
