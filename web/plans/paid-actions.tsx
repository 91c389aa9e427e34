/** Below a plan that is sold: buying it, or moving to it from another one; for its subscribers the date of renewal or end, and undoing a cancellation. */
import type { Plan } from '../../contract/plans.ts';
import type { Subscription } from '../../contract/subscriptions.ts';
import { openCheckout, openPortal } from '../api/account.ts';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { useLeaving } from './leave-for-stripe.ts';

export interface PaidActionsProps {
  readonly plan: Pick<Plan, 'id' | 'prices'>;
  /** The user pays for no plan yet. */
  readonly isFirst: boolean;
  readonly subscription: Subscription;
  readonly confirming: boolean;
}

export function PaidActions({ plan: { id, prices }, isFirst, subscription, confirming }: PaidActionsProps) {
  const text = useText();
  const { busy, leaveFor } = useLeaving();
  const { tier, status, current_period_end: end, cancel_at_period_end: ends } = subscription;
  if (tier !== id && isFirst) {
    const intervals = [...new Set(prices.map(({ interval }) => interval))];
    const choices = intervals.length > 1 ? intervals : [undefined];
    return choices.map((interval, index) => (
      <Button
        key={interval ?? ''}
        kind={index === 0 ? 'ember' : 'quiet'}
        disabled={busy || confirming}
        onClick={() => void leaveFor(() => openCheckout(id, interval))}
      >
        {interval === undefined ? text('upgrade', { name: id }) : text(`buy.${interval}`, { name: id })}
      </Button>
    ));
  }
  // Stripe's portal shows what changes, and what it costs; who was granted a plan has no subscription to change.
  if (tier !== id) {
    return status === 'none' ? null : (
      <Button disabled={busy || confirming} onClick={() => void leaveFor(openPortal)}>
        {text('plans.change', { name: id })}
      </Button>
    );
  }
  return (
    <>
      {end !== null && (
        <p className="m-0 text-[14px] text-soft">
          {text(ends ? 'plans.ends' : 'plans.renews', { date: longDate(end) })}
        </p>
      )}
      <Button kind={ends ? 'ember' : 'quiet'} disabled={busy} onClick={() => void leaveFor(openPortal)}>
        {ends ? text('plans.keep', { name: id }) : text('plans.manage')}
      </Button>
    </>
  );
}

function longDate(timestamp: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long' }).format(new Date(timestamp));
}
