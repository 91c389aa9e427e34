/** The Pro card: price and purchase; for subscribers the date of renewal or end, and undoing a cancellation. */
import type { Plan } from '../../contract/plans.ts';
import type { Subscription } from '../../contract/subscriptions.ts';
import { openCheckout, openPortal } from '../api/account.ts';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { useLeaving } from './leave-for-stripe.ts';
import { PlanCard } from './plan-card.tsx';
import { amountText } from './price.ts';

export function ProCard({
  plan,
  subscription,
  confirming,
  sold,
}: {
  readonly plan: Plan;
  readonly subscription: Subscription;
  readonly confirming: boolean;
  /** False if billing is not configured on the server. */
  readonly sold: boolean;
}) {
  const text = useText();
  const { busy, leaveFor } = useLeaving();
  const { tier, current_period_end: end, cancel_at_period_end: ends } = subscription;
  const [price] = plan.prices;
  return (
    <PlanCard
      name={plan.id}
      price={price ? amountText(price) : text(sold ? 'plans.price-later' : 'plans.not-sold')}
      {...(price && { per: text(`price.${price.interval}`, { count: price.interval_count }) })}
      points={[text('plans.pro-messages'), text('plans.at-once', { count: plan.replies_at_once })]}
      strong
    >
      {tier !== plan.id && sold && (
        <Button kind="ember" disabled={busy || confirming} onClick={() => void leaveFor(openCheckout)}>
          {text('upgrade')}
        </Button>
      )}
      {tier === plan.id && (
        <>
          {end !== null && (
            <p className="m-0 text-[14px] text-soft">
              {text(ends ? 'plans.ends' : 'plans.renews', { date: longDate(end) })}
            </p>
          )}
          {sold && (
            <Button kind={ends ? 'ember' : 'quiet'} disabled={busy} onClick={() => void leaveFor(openPortal)}>
              {text(ends ? 'plans.keep' : 'plans.manage')}
            </Button>
          )}
        </>
      )}
    </PlanCard>
  );
}

function longDate(timestamp: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long' }).format(new Date(timestamp));
}
