/** For operators: the queue, billing events, the audit log, and the settings in force. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { failureCodes } from './messages.ts';
import { builtInPlanIds } from './plans.ts';
import { Id, LinkHeader, Nullable, PageQuery, Timestamp } from './shapes.ts';

const tag = 'Operator';
const { limit, before } = PageQuery;

export const AuditEntry = Type.Object(
  {
    id: Id,
    at: Timestamp,
    actor: Type.Enum(['admin', 'command', 'settings'], {
      description: '`admin`: over HTTP; `command`: the command line; `settings`: ADMIN_MOBILE_NUMBERS.',
    }),
    actor_id: Nullable(Type.Integer({ description: 'The administrator.', examples: [1] })),
    action: Type.String({ examples: ['tier_changed'] }),
    user_id: Nullable(Type.Integer({ description: 'The account that was changed.', examples: [42] })),
    details: Type.Record(Type.String(), Type.Unknown(), { examples: [{ from: null, to: builtInPlanIds[1] }] }),
  },
  { title: 'AuditEntry' },
);
export type AuditEntry = Static<typeof AuditEntry>;

export const adminListAudit = endpoint({
  method: 'GET',
  path: '/admin/audit',
  operationId: 'adminListAudit',
  tag,
  summary: 'Read the audit log',
  description: 'Changes by operators, newest first. Accounts are named by their ids.',
  auth: 'admin',
  query: Type.Object({
    limit,
    before,
    account_id: Type.Optional(Type.Integer({ ...Id, description: 'Of this account, which may be gone.' })),
  }),
  answers: { 200: { description: 'The entries.', body: Type.Array(AuditEntry), headers: LinkHeader } },
  problems: [],
});

export const AdminQueue = Type.Object(
  {
    depth: Type.Integer({ description: 'Replies that a worker could begin now.', examples: [0] }),
    oldest_seconds: Type.Number({ description: 'How long the longest waiting of them has waited.', examples: [0] }),
    queued: Type.Integer({
      description: 'All waiting replies, including those that wait for a turn or a retry.',
      examples: [2],
    }),
    generating: Type.Integer({ examples: [5] }),
    workers: Type.Integer({ description: 'Workers alive.', examples: [2] }),
    paused_models: Type.Array(
      Type.Object({
        model: Type.String({ examples: ['gemini-3.5-flash-lite'] }),
        until: Timestamp,
        missing_since: Nullable(
          Type.String({
            ...Timestamp,
            description: 'Since when the vendor does not know it; `until` is then the next probe.',
          }),
        ),
      }),
    ),
    failures: Type.Array(
      Type.Object({
        code: Type.String({
          description: failureCodes.map((code) => `\`${code}\``).join(', '),
          examples: ['timed_out'],
        }),
        count: Type.Integer({ examples: [3] }),
        samples: Type.Array(
          Type.Object({
            reply_id: Id,
            user_id: Id,
            model: Nullable(Type.String({ examples: ['gemini-3.5-flash-lite'] })),
            attempts: Type.Integer({ examples: [5] }),
            failed_at: Timestamp,
          }),
          { description: 'The newest, five at most, without any text.' },
        ),
      }),
      {
        description:
          'Failed replies of the last 24 hours by code, the most frequent first; 10,000 at most are counted.',
      },
    ),
  },
  { title: 'AdminQueue' },
);
export type AdminQueue = Static<typeof AdminQueue>;

export const adminReadQueue = endpoint({
  method: 'GET',
  path: '/admin/queue',
  operationId: 'adminReadQueue',
  tag,
  summary: 'Read the state of the queue',
  description: 'Waiting and failed replies, and paused models.',
  auth: 'admin',
  answers: { 200: { description: 'The queue.', body: AdminQueue } },
  problems: [],
});

export const BillingEvent = Type.Object(
  {
    id: Id,
    event_id: Type.String({ description: "The payment service's id.", examples: ['evt_1QbK2dLkdIwHu7ix'] }),
    type: Type.String({ examples: ['invoice.paid'] }),
    customer_id: Nullable(Type.String({ examples: ['cus_RTq7Zb1x'] })),
    state: Type.Enum(['received', 'applied', 'ignored'], {
      description: '`received` until it is applied; `ignored` if it concerns none of the customers.',
    }),
    received_at: Timestamp,
  },
  { title: 'BillingEvent' },
);
export type BillingEvent = Static<typeof BillingEvent>;

export const adminListBillingEvents = endpoint({
  method: 'GET',
  path: '/admin/billing/events',
  operationId: 'adminListBillingEvents',
  tag,
  summary: 'List billing events',
  description: 'Events of the payment service and their state, newest first.',
  auth: 'admin',
  query: Type.Object({
    limit,
    before,
    customer: Type.Optional(
      Type.String({ maxLength: 255, description: 'Of this customer.', examples: ['cus_RTq7Zb1x'] }),
    ),
  }),
  answers: { 200: { description: 'The events.', body: Type.Array(BillingEvent), headers: LinkHeader } },
  problems: [],
});

export const adminReplayBillingEvent = endpoint({
  method: 'POST',
  path: '/admin/billing/events/:event_id/replay',
  operationId: 'adminReplayBillingEvent',
  tag,
  summary: 'Apply a billing event again',
  description: "A worker syncs the event's customer from the payment service again. Repeating it is harmless.",
  auth: 'admin',
  params: Type.Object({ event_id: Type.Integer({ ...Id, description: 'Id of an event.' }) }),
  answers: { 202: { description: 'It is `received` again.', body: BillingEvent } },
  problems: ['not_found', 'billing_not_configured'],
});

export const adminReconcileBilling = endpoint({
  method: 'POST',
  path: '/admin/billing/reconcile',
  operationId: 'adminReconcileBilling',
  tag,
  summary: 'Sync all customers from the payment service',
  description:
    'Makes the daily sync of every customer due now; workers begin it within a minute. For changes that no event reported, such as those during an outage of the webhook. Leaves a row in the audit log.',
  auth: 'admin',
  answers: {
    202: {
      description: 'They will be synced.',
      body: Type.Object({ customers: Type.Integer({ description: 'Customers to sync.', examples: [120] }) }),
    },
  },
  problems: ['billing_not_configured'],
});

export const SettingInForce = Type.Object(
  {
    name: Type.String({ examples: ['PORT'] }),
    value: Nullable(Type.String({ description: 'Secrets are masked; null if there is none.', examples: ['8000'] })),
    is_default: Type.Boolean({ description: 'It is not set.' }),
    about: Type.String({ examples: ['port to listen on'] }),
  },
  { title: 'SettingInForce' },
);
export type SettingInForce = Static<typeof SettingInForce>;

export const adminListSettings = endpoint({
  method: 'GET',
  path: '/admin/settings',
  operationId: 'adminListSettings',
  tag,
  summary: 'Read the settings in force',
  description: 'Of the process that answers. Passwords and keys are masked.',
  auth: 'admin',
  answers: { 200: { description: 'The settings.', body: Type.Array(SettingInForce) } },
  problems: [],
});

export const Finding = Type.Object(
  {
    state: Type.Enum(['ok', 'warning', 'fault'], {
      description: '`fault`: it does not work; `warning`: it works, but not for long or not for everybody.',
    }),
    subject: Type.String({ description: 'What was looked at.', examples: ['disk'] }),
    found: Type.String({ examples: ['12000 MB are free where DATA_DIR is.'] }),
    advice: Nullable(Type.String({ description: 'What to do; null if nothing.', examples: [null] })),
  },
  { title: 'Finding' },
);
export type Finding = Static<typeof Finding>;

export const adminExamine = endpoint({
  method: 'GET',
  path: '/admin/doctor',
  operationId: 'adminExamine',
  tag,
  summary: 'Examine the installation',
  description:
    'Looks at settings, database, clocks, Redis, storage, disk, workers, background jobs, models and billing. It writes a small file and asks the payment service, so it takes some seconds. In English.',
  auth: 'admin',
  answers: { 200: { description: 'What was found.', body: Type.Array(Finding) } },
  problems: [],
});
