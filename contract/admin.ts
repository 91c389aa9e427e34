/** For operators: accounts, the queue, billing events, the audit log, and the settings in force. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { failureCodes } from './messages.ts';
import { builtInPlanIds, Tier } from './plans.ts';
import { Id, LinkHeader, Nullable, PageQuery, Timestamp } from './shapes.ts';

const tag = 'Operator';
const { limit, before } = PageQuery;

export const AdminUser = Type.Object(
  {
    id: Id,
    mobile_number: Type.String({ examples: ['+14155550123'] }),
    tier: Tier,
    granted_tier: Nullable(
      Type.String({
        description: 'The plan that an operator granted regardless of payment; null if the plan follows payment.',
        examples: [null],
      }),
    ),
    role: Type.Enum(['user', 'admin']),
    blocked: Type.Boolean({ description: 'It cannot sign in, and its shared chats cannot be read.' }),
    created_at: Timestamp,
    verified_at: Nullable(Type.String({ ...Timestamp, description: 'The first sign-in; null before it.' })),
    messages_today: Type.Integer({ description: 'Messages charged on this UTC day.', examples: [3] }),
    last_message_date: Nullable(Type.String({ format: 'date', examples: ['2026-11-23'] })),
  },
  { title: 'AdminUser' },
);
export type AdminUser = Static<typeof AdminUser>;

export const AdminUserDetail = Type.Object(
  {
    ...AdminUser.properties,
    sessions: Type.Integer({ description: 'Devices that are signed in.', examples: [2] }),
    rooms: Type.Integer({ examples: [12] }),
    unfinished_replies: Type.Integer({ examples: [0] }),
    subscription: Type.Union(
      [
        Type.Object({
          status: Type.String({ examples: ['active'] }),
          current_period_end: Nullable(Timestamp),
          cancel_at_period_end: Type.Boolean(),
        }),
        Type.Null(),
      ],
      { description: 'As reported by the payment service; null if the account never paid.', examples: [null] },
    ),
  },
  { title: 'AdminUserDetail' },
);
export type AdminUserDetail = Static<typeof AdminUserDetail>;

const UserParams = Type.Object({ user_id: Type.Integer({ ...Id, description: 'Id of an account.' }) });

export const AdminUserChange = Type.Object(
  {
    tier: Type.Optional(
      Nullable(
        Type.String({ maxLength: 100, description: 'Id of the plan to grant; null: the plan follows payment again.' }),
      ),
    ),
    role: Type.Optional(Type.Enum(['user', 'admin'])),
    blocked: Type.Optional(Type.Boolean()),
  },
  { title: 'AdminUserChange', examples: [{ tier: builtInPlanIds[1] }] },
);

export const adminListUsers = endpoint({
  method: 'GET',
  path: '/admin/users',
  operationId: 'adminListUsers',
  tag,
  summary: 'List accounts',
  description: 'Newest first. Accounts whose deletion has begun are left out.',
  auth: 'admin',
  query: Type.Object({
    limit,
    before,
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 40,
        description: 'A number, a part of one, or an id.',
        examples: ['0123'],
      }),
    ),
    tier: Type.Optional(Type.String({ maxLength: 100, description: 'Only accounts of this plan.' })),
    blocked: Type.Optional(Type.Enum(['true', 'false'], { description: 'Only blocked accounts, or only others.' })),
  }),
  answers: { 200: { description: 'The accounts.', body: Type.Array(AdminUser), headers: LinkHeader } },
  problems: [],
});

export const adminReadUser = endpoint({
  method: 'GET',
  path: '/admin/users/:user_id',
  operationId: 'adminReadUser',
  tag,
  summary: 'Read an account',
  description: 'One account with its plan and what it uses.',
  auth: 'admin',
  params: UserParams,
  answers: { 200: { description: 'The account.', body: AdminUserDetail } },
  problems: ['not_found'],
});

export const adminChangeUser = endpoint({
  method: 'PATCH',
  path: '/admin/users/:user_id',
  operationId: 'adminChangeUser',
  tag,
  summary: 'Change plan, role or block of an account',
  description:
    'All of it or nothing. Blocking ends every session within a second and stops unfinished replies; signing in then fails as with a wrong code. The last administrator can neither be blocked nor lose the role. A new plan, role or block leaves a row in the audit log.',
  auth: 'admin',
  params: UserParams,
  body: AdminUserChange,
  answers: { 200: { description: 'The account as it is now.', body: AdminUserDetail } },
  problems: ['not_found', 'last_admin'],
});

export const adminEndSessions = endpoint({
  method: 'DELETE',
  path: '/admin/users/:user_id/sessions',
  operationId: 'adminEndSessions',
  tag,
  summary: 'Sign an account out everywhere',
  description: 'Ends all its sessions within a second. The user can sign in again.',
  auth: 'admin',
  params: UserParams,
  answers: { 204: { description: 'No session is left.' } },
  problems: ['not_found'],
});

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
