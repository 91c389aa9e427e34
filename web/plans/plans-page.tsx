/** The plans page: usage today, both plans with the current one marked, buying, managing and cancelling Pro. */
import { useQuery } from '@tanstack/react-query';
import { readService, readSubscription } from '../api/account.ts';
import { keys } from '../app/keys.ts';
import { PageHeader } from '../app/page-header.tsx';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { LoadState } from '../ui/load-state.tsx';
import { PlanCard } from './plan-card.tsx';
import { ProCard } from './pro-card.tsx';
import { usePlans } from './use-plans.ts';
import { UsageToday } from './usage-today.tsx';
import { useConfirming } from './use-confirming.ts';

export function PlansPage() {
  const text = useText();
  const mine = useQuery({ queryKey: keys.subscription, queryFn: ({ signal }) => readSubscription(signal) });
  const all = usePlans();
  const service = useQuery({ queryKey: keys.service, queryFn: ({ signal }) => readService(signal) });
  const queries = [mine, all, service] as const;
  const subscription = mine.data;
  const [basic, pro] = all.data ?? [];
  const confirming = useConfirming(basic?.id);
  if (!subscription || !basic || !pro || !service.data) {
    return (
      <>
        <PageHeader title={text('plans')} />
        <LoadState queries={queries} />
      </>
    );
  }
  const { daily_limit: limit, messages_used_today: used, resets_at } = subscription;
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
          <div className="grid gap-5 sm:grid-cols-2">
            <PlanCard
              name={basic.id}
              price={text('plans.free')}
              points={[
                text('plans.basic-messages', { limit: basic.daily_limit ?? 0 }),
                text('plans.at-once', { count: basic.replies_at_once }),
                text('plans.basic-devices'),
              ]}
            >
              {subscription.tier === basic.id && <Button disabled>{text('plans.yours')}</Button>}
            </PlanCard>
            <ProCard
              plan={pro}
              subscription={subscription}
              confirming={confirming}
              sold={service.data.features.includes('billing')}
            />
          </div>
          <p className="m-0 text-center text-[14px] text-faint">{text('plans.stripe')}</p>
        </div>
      </div>
    </>
  );
}
