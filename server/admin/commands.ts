/** Commands of the operator's command line. Each returns the lines to print. */
import * as contract from '../../contract/admin.ts';
import { adminReadUsage, usageGroups, type AdminUsage } from '../../contract/admin-usage.ts';
import { commandLine, listAudit } from '../audit/store.ts';
import { StartRefused } from '../config/start-refused.ts';
import { listEvents } from '../subscriptions/event-store.ts';
import type { SyncDeps } from '../subscriptions/sync.ts';
import { ProblemError } from '../problems/problem.ts';
import { applyReplayed, reconcileBilling, replayBillingEvent } from './billing.ts';
import { backupCommands } from './backup-commands.ts';
import { FoundFaults, type AdminDeps, type Command } from './command.ts';
import { catalogCommands } from './catalog-commands.ts';
import { copyDatabase } from './copy-to.ts';
import type { Finding } from './doctor/finding.ts';
import { presentQueue } from './present.ts';
import { readQueue } from './queue.ts';
import { readUsageReport } from './usage.ts';
import { userCommands } from './user-commands.ts';

export const commands: Readonly<Record<string, Command>> = {
  ...userCommands,
  ...catalogCommands,
  'billing events': {
    usage: 'billing events [--limit 20] [--customer cus_…]',
    about: 'the newest events from Stripe and their state',
    operations: [contract.adminListBillingEvents],
    async run({ db }, _args, { limit, customer }) {
      const events = await listEvents(db, limit, customer);
      if (events.length === 0) return ['No events.'];
      return events.map(
        (event) =>
          `${event.id}  ${event.eventId}  ${event.type}  ${event.customerId ?? '-'}  ${event.state}  ${event.receivedAt.toISOString()}`,
      );
    },
  },
  'billing replay': {
    usage: 'billing replay ID',
    about: "apply an event again, by its number here or Stripe's id",
    operations: [contract.adminReplayBillingEvent],
    async run(deps, [id = '']) {
      if (id === '') throw new StartRefused('billing replay needs the id of an event. See billing events.');
      const payments = configured(deps);
      const event = await replay(deps, id);
      const state = await applyReplayed({ ...deps, payments }, event.id);
      if (state === 'received')
        throw new StartRefused(`Stripe could not be asked about ${event.eventId}. The server will try again.`);
      return [`${event.eventId}  ${event.type}  ${state}`];
    },
  },
  'reconcile-billing': {
    usage: 'reconcile-billing',
    about: 'sync the plans of all customers from Stripe',
    operations: [contract.adminReconcileBilling],
    async run(deps) {
      const { customers, failing } = await reconcileBilling({ ...deps, payments: configured(deps) }, commandLine);
      if (failing > 0)
        throw new StartRefused(
          `Stripe could not be asked about ${failing} of ${customers} customer(s). The server will try again.`,
        );
      return [`Looked at ${customers} customer(s).`];
    },
  },
  queue: {
    usage: 'queue',
    about: 'what waits, what failed in the last 24 hours, and paused models',
    operations: [contract.adminReadQueue],
    async run({ db, plans }) {
      const queue = presentQueue(await readQueue(db, plans));
      return [
        `${queue.depth} due, the oldest for ${Math.round(queue.oldest_seconds)} s; ${queue.queued} queued, ${queue.generating} generating; ${queue.workers} worker(s)`,
        ...queue.paused_models.map(({ model, until }) => `${model} is paused until ${until}`),
        ...queue.failures.map(
          ({ code, count, samples }) => `${count} × ${code}, replies ${samples.map((one) => one.reply_id).join(', ')}`,
        ),
      ];
    },
  },
  usage: {
    usage: 'usage [day|model|plan]',
    about: 'what was used, what it cost and what was paid in the last 30 days',
    operations: [adminReadUsage],
    async run(deps, [by = 'day']) {
      const group = usageGroups.find((one) => one === by);
      if (group === undefined) throw new StartRefused(`usage takes ${usageGroups.join(', ')}.`);
      const rows = await readUsageReport(deps, { by: group });
      return rows.map(usageLine);
    },
  },
  audit: {
    usage: 'audit [--limit 20]',
    about: 'what operators did, newest first',
    operations: [contract.adminListAudit],
    async run({ db }, _args, { limit }) {
      const rows = await listAudit(db, { userId: null, before: null, limit });
      if (rows.length === 0) return ['Nothing yet.'];
      return rows.map(({ id, at, actor, actorId, action, userId, details }) =>
        [id, at.toISOString(), actorId ?? actor, action, userId ?? '-', JSON.stringify(details)].join('  '),
      );
    },
  },
  settings: {
    usage: 'settings',
    about: 'the settings in force, secrets masked',
    operations: [contract.adminListSettings],
    async run({ settingsInForce }) {
      return settingsInForce.map(
        ({ name, value, isDefault }) => `${name}=${value ?? ''}${isDefault ? '  (default)' : ''}`,
      );
    },
  },
  doctor: {
    usage: 'doctor',
    about: 'look at everything that the server needs, and say what to do; exit code 1 if something does not work',
    operations: [contract.adminExamine],
    async run({ examine }) {
      const findings = await examine();
      const lines = findings.map(findingLine);
      if (findings.some(({ state }) => state === 'fault')) throw new FoundFaults(lines);
      return lines;
    },
  },
  ...backupCommands,
  'copy-to': {
    usage: 'copy-to postgres://USER@HOST/DATABASE',
    about: 'copy the embedded database into an empty PostgreSQL; run again to continue',
    operations: [],
    async run({ db, openCopy }, [url = '']) {
      if (!/^postgres(ql)?:\/\//.test(url))
        throw new StartRefused('copy-to needs an address postgres://USER@HOST/DATABASE.');
      await using target = await openCopy(url);
      const lines = await copyDatabase(db, target);
      return [
        ...lines,
        'Counts and checksums are equal on both sides. The folder was only read. Next: docs/deployment.md.',
      ];
    },
  },
};

function findingLine({ state, subject, found, advice }: Finding): string {
  return `${state.padEnd(7)}  ${subject}: ${found}${advice === null ? '' : ` ${advice}`}`;
}

function usageLine(row: AdminUsage): string {
  const paid = row.revenue.map((one) => `${one.paid} - ${one.returned} ${one.currency}`).join(' + ');
  return [
    row.key,
    `${row.messages} messages`,
    `${row.active_accounts} accounts`,
    `${row.prompt_tokens} + ${row.answer_tokens} tokens`,
    `$${row.cost_usd.toFixed(6)}`,
    `first text ${row.first_token_p50_ms ?? '-'}/${row.first_token_p95_ms ?? '-'} ms`,
    `${row.failures} failed`,
    `${row.refunds} refunded`,
    `${paid === '' ? '0' : paid} paid`,
    `${row.upgrades} upgrades`,
  ].join('  ');
}

function configured({ payments }: AdminDeps): SyncDeps['payments'] {
  if (payments === null)
    throw new StartRefused(
      'Billing is not set up: set STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET and STRIPE_PRO_PRICE_ID.',
    );
  return payments;
}

async function replay(deps: AdminDeps, id: string) {
  try {
    return await replayBillingEvent(deps, commandLine, id);
  } catch (error) {
    if (error instanceof ProblemError) throw new StartRefused(`There is no event ${id}. See billing events.`);
    throw error;
  }
}
