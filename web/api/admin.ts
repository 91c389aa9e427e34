/** API calls of administrators. */
import type { AdminQueue, BillingEvent, Finding, SettingInForce } from '../../contract/admin.ts';
import type { AdminUserDetail } from '../../contract/admin-users.ts';
import type { AdminUsage } from '../../contract/admin-usage.ts';
import { call } from './request.ts';

/** Members that are left out are not changed; with `tier: null` the plan follows payment again. */
export interface UserChange {
  readonly tier?: string | null;
  readonly role?: 'user' | 'admin';
  readonly blocked?: boolean;
}

export const readUser = (id: number, signal: AbortSignal) =>
  call<AdminUserDetail>('GET', `/admin/users/${id}`, { signal });
export const changeUser = (id: number, body: UserChange) =>
  call<AdminUserDetail>('PATCH', `/admin/users/${id}`, { body });
export const endSessionsOf = (id: number) => call<void>('DELETE', `/admin/users/${id}/sessions`);
export const deleteUser = (id: number) => call<void>('DELETE', `/admin/users/${id}`);
export const readQueue = (signal: AbortSignal) => call<AdminQueue>('GET', '/admin/queue', { signal });
export const replayEvent = (id: number) => call<BillingEvent>('POST', `/admin/billing/events/${id}/replay`);
/** Has every customer synced; answers how many there are. */
export const reconcileBilling = () => call<{ readonly customers: number }>('POST', '/admin/billing/reconcile');
export const examine = (signal: AbortSignal) => call<Finding[]>('GET', '/admin/doctor', { signal });
export type UsageGroup = 'day' | 'model' | 'plan';
/** From a UTC day until today. */
export const readAllUsage = (by: UsageGroup, from: string, signal: AbortSignal) =>
  call<AdminUsage[]>('GET', `/admin/usage?by=${by}&from=${from}`, { signal });
export const listSettings = (signal: AbortSignal) => call<SettingInForce[]>('GET', '/admin/settings', { signal });
