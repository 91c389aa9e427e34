/** Accounts, for operators. */
import { Type, type Static } from 'typebox';
import { Revenue } from './admin-usage.ts';
import { endpoint } from './endpoint.ts';
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
    month_cost_usd: Type.Number({
      description: 'What its calls to models have cost in this UTC calendar month.',
      examples: [0.123_456],
    }),
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
    total_cost_usd: Type.Number({ description: 'What its calls to models have cost so far.', examples: [1.234_567] }),
    revenue: Type.Array(Revenue, { description: 'What it paid so far, by currency.' }),
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

export const adminDeleteUser = endpoint({
  method: 'DELETE',
  path: '/admin/users/:user_id',
  operationId: 'adminDeleteUser',
  tag,
  summary: 'Delete an account',
  description:
    'Like a deletion by the user, without a code: out of reach within a second, erased within an hour, its subscription ended without refund. It cannot be undone. The last administrator cannot be deleted. Leaves a row in the audit log.',
  auth: 'admin',
  params: UserParams,
  answers: { 204: { description: 'Its deletion has begun.' } },
  problems: ['not_found', 'last_admin'],
});
