/** API calls for sign-in, devices and the plan. */
import type { CodeSent, Session, SignedUp, User } from '../../contract/accounts.ts';
import type { Plan } from '../../contract/plans.ts';
import type { ServiceInfo } from '../../contract/service.ts';
import type { CheckoutSession, Subscription } from '../../contract/subscriptions.ts';
import { readProblem } from './problem.ts';
import { call } from './request.ts';
import { send } from './send.ts';

/** Registers the number if it is new and sends a code: sign-up and sign-in are the same for the user. */
export async function askForCode(number: string): Promise<CodeSent & { otp?: string }> {
  const body = { mobile_number: number };
  for (const path of ['/auth/signup', '/auth/send-otp']) {
    const response = await send('POST', path, null, { body });
    if (!response.ok) throw await readProblem(response);
    if (path === '/auth/send-otp') return (await response.json()) as CodeSent & { otp?: string };
    (await response.json()) as SignedUp;
  }
  throw new Error('unreachable');
}

export const readMe = (signal: AbortSignal) => call<User>('GET', '/user/me', { signal });
export const listSessions = (signal: AbortSignal) => call<Session[]>('GET', '/user/sessions', { signal });
export const endSession = (id: string) => call<void>('DELETE', `/user/sessions/${id}`);
export const readSubscription = (signal: AbortSignal) => call<Subscription>('GET', '/subscribe/status', { signal });
export const listPlans = (signal: AbortSignal) => call<Plan[]>('GET', '/plans', { signal });
export const readService = (signal: AbortSignal) => call<ServiceInfo>('GET', '/', { signal });
export const openCheckout = () => call<CheckoutSession>('POST', '/subscribe/pro');
export const openPortal = () => call<{ url: string }>('POST', '/subscribe/portal');
