/** API calls for sign-in, devices and the plan. */
import type { CodeSent, Session, SignedUp, User } from '../../contract/accounts.ts';
import type { Plan, Price } from '../../contract/plans.ts';
import type { ServiceInfo } from '../../contract/service.ts';
import type { CheckoutSession, Subscription } from '../../contract/subscriptions.ts';
import type { UsageDay } from '../../contract/usage.ts';
import { readProblem } from './problem.ts';
import { call } from './request.ts';
import { send } from './send.ts';

/** `otp` only from a development server. */
export type SentCode = CodeSent & { readonly otp?: string };

/** Registers the number if it is new and sends a code: sign-up and sign-in are the same for the user. */
export async function askForCode(number: string): Promise<SentCode> {
  await postNumber<SignedUp>('/auth/signup', number);
  return sendCode(number);
}

/** Sends a code to a number that is registered. */
export const sendCode = (number: string) => postNumber<SentCode>('/auth/send-otp', number);

async function postNumber<T>(path: string, number: string): Promise<T> {
  const response = await send('POST', path, null, { body: { mobile_number: number } });
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as T;
}

export const readMe = (signal: AbortSignal) => call<User>('GET', '/user/me', { signal });
export const listSessions = (signal: AbortSignal) => call<Session[]>('GET', '/user/sessions', { signal });
export const endSession = (id: string) => call<void>('DELETE', `/user/sessions/${id}`);
/** Resolves once nothing of the account can be reached. */
export const deleteAccount = (code: string) => call<void>('POST', '/user/deletion', { body: { otp: code } });
export const readSubscription = (signal: AbortSignal) => call<Subscription>('GET', '/subscribe/status', { signal });
export const listPlans = (signal: AbortSignal) => call<Plan[]>('GET', '/plans', { signal });
/** The last UTC days, today last. */
export const readUsageDays = (days: number, signal: AbortSignal) =>
  call<UsageDay[]>('GET', `/user/usage?days=${days}`, { signal });
export const readService = (signal: AbortSignal) => call<ServiceInfo>('GET', '/', { signal });
/** For one of the prices of a plan. */
export const openCheckout = (plan: string, interval?: Price['interval']) =>
  call<CheckoutSession>('POST', '/subscribe/checkout', { body: { plan, ...(interval && { interval }) } });
export const openPortal = () => call<{ url: string }>('POST', '/subscribe/portal');
