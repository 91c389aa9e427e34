/** The plans page: usage today and this month, all plans with the current one marked; buying one, moving to another, managing and cancelling it. */
import { useQuery } from '@tanstack/react-query';
import type { Plan } from '../../contract/plans.ts';
import { readService, readSubscription } from '../api/account.ts';
import { keys } from '../app/keys.ts';
import { PageHeader } from '../app/page-header.tsx';
import { labelOf, useModels } from '../chat/use-models.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { LoadState } from '../ui/load-state.tsx';
import { BudgetMonth } from './budget-month.tsx';
import { PaidActions } from './paid-actions.tsx';
import { PlanCard } from './plan-card.tsx';
import { planPoints } from './plan-points.ts';
import { amountText } from './price.ts';
import { usePlans } from './use-plans.ts';
import { UsageToday } from './usage-today.tsx';
import { useConfirming } from './use-confirming.ts';

export function PlansPage() {
  const text = useText();
  const mine = useQuery({ queryKey: keys.subscription, queryFn: ({ signal }) => readSubscription(signal) });
  const all = usePlans();
  const service = useQuery({ queryKey: keys.service, queryFn: ({ signal }) => readService(signal) });
  const models = useModels();
  const subscription = mine.data;
  const plans = all.data ?? [];
  const free = plans[0];
  const confirming = useConfirming(free?.id);
  if (!subscription || !free || !service.data) {
    return (
      <>
        <PageHeader title={text('plans')} />
        <LoadState queries={[mine, all, service]} />
      </>
    );
  }
  const { daily_limit: limit, messages_used_today: used, resets_at, tier, budget } = subscription;
  const sold = service.data.features.includes('billing');

  // Without any price the payment service cannot be reached.
  const isPriced = plans.some(({ prices }) => prices.length > 0);

  function actionsOf(plan: Plan) {
    const { id, prices } = plan;
    const isSold = sold && id !== free!.id && (prices.length > 0 || !isPriced);
    if (isSold || (sold && id !== free!.id && id === tier)) {
      const isFirst = tier === free!.id;
      return <PaidActions plan={plan} isFirst={isFirst} subscription={subscription!} confirming={confirming} />;
    }
    return tier === id && <Button disabled>{text('plans.yours')}</Button>;
  }

  return (
    <>
      <PageHeader title={text('plans')} />
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-10">
        <div className="mx-auto grid max-w-[760px] gap-5 pt-3">
          {confirming && (
            <p role="status" className="m-0 rounded-[14px] bg-ember-wash px-4 py-3">
              {text('plans.confirming')}
            </p>
          )}
          {limit !== null && <UsageToday used={used} limit={limit} resetsAt={resets_at} />}
          {budget !== null && <BudgetMonth budget={budget} />}
          <div className="grid gap-5 sm:grid-cols-2">
            {plans.map((plan, index) => {
              const isFree = index === 0;
              const unpriced = isFree ? 'plans.free' : sold ? 'plans.price-later' : 'plans.not-sold';
              const prices = plan.prices.map((price) => ({
                amount: amountText(price),
                per: text(`price.${price.interval}`, { count: price.interval_count }),
              }));
              return (
                <PlanCard
                  key={plan.id}
                  name={plan.id}
                  prices={prices.length > 0 ? prices : [{ amount: text(unpriced) }]}
                  points={planPoints(plan, models.length > 1 ? plan.models.map((id) => labelOf(models, id)) : [], text)}
                  strong={index === 1}
                >
                  {actionsOf(plan)}
                </PlanCard>
              );
            })}
          </div>
          {sold && <p className="m-0 text-center text-[14px] text-faint">{text('plans.stripe')}</p>}
        </div>
      </div>
    </>
  );
}
