/** Below a plan that is sold: buying it; for its subscribers the date of renewal or end, and undoing a cancellation. */
import type { Plan } from '../../contract/plans.ts';
import type { Subscription } from '../../contract/subscriptions.ts';
import { openCheckout, openPortal } from '../api/account.ts';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { useLeaving } from './leave-for-stripe.ts';

export interface PaidActionsProps {
  readonly plan: Pick<Plan, 'id'>;
  readonly subscription: Subscription;
  readonly confirming: boolean;
}

export function PaidActions({ plan: { id }, subscription, confirming }: PaidActionsProps) {
  const text = useText();
  const { busy, leaveFor } = useLeaving();
  const { tier, current_period_end: end, cancel_at_period_end: ends } = subscription;
  if (tier !== id) {
    return (
      <Button kind="ember" disabled={busy || confirming} onClick={() => void leaveFor(openCheckout)}>
        {text('upgrade', { name: id })}
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
