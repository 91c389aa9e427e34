/** Plans: what is used today, both plans with the current one marked, buying, managing, ending, paying what is due. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { openCheckout, openPortal, readSubscription } from '../api/account.ts';
import { ApiProblem } from '../api/problem.ts';
import { keys } from '../app/keys.ts';
import { PageHeader } from '../app/page-header.tsx';
import { clockTime } from '../chat/quota-line.tsx';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { showToast } from '../ui/toast.tsx';
import { useConfirming } from './use-confirming.ts';

export function PlansPage() {
  const text = useText();
  const confirming = useConfirming();
  const [busy, setBusy] = useState(false);
  const { data: plan } = useQuery({ queryKey: keys.subscription, queryFn: ({ signal }) => readSubscription(signal) });

  /** Leaves for Stripe; a second click while that is under way does nothing. */
  async function leaveFor(open: () => Promise<{ url: string }>): Promise<void> {
    setBusy(true);
    try {
      location.assign((await open()).url);
    } catch (error) {
      setBusy(false);
      showToast({ message: error instanceof ApiProblem ? error.message : text('notice.away') });
    }
  }

  if (!plan) return <PageHeader title={text('plans')} />;
  const { tier, status, daily_limit: limit, messages_used_today: used, current_period_end: end } = plan;
  const isPro = tier === 'Pro';
  const due = status === 'past_due' || status === 'unpaid' || status === 'incomplete';
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
          {due && (
            <div role="alert" className="flex flex-wrap items-center gap-3 rounded-[14px] bg-bad-wash px-4 py-3">
              <p className="m-0 flex-1">{text('plans.past-due')}</p>
              <Button disabled={busy} onClick={() => void leaveFor(openPortal)}>
                {text('plans.pay')}
              </Button>
            </div>
          )}
          {limit !== null && <UsageToday used={used} limit={limit} resetsAt={plan.resets_at} />}
          <div className="grid gap-5 sm:grid-cols-2">
            <Card
              name="Basic"
              price={text('plans.free')}
              points={[text('plans.basic-messages', { limit: limit ?? 5 }), text('plans.basic-devices')]}
            >
              {!isPro && <Button disabled>{text('plans.yours')}</Button>}
            </Card>
            <Card
              name="Pro"
              price={text('plans.pro-price')}
              points={[text('plans.pro-messages'), text('plans.pro-first')]}
              strong
            >
              {isPro ? (
                <Button disabled={busy} onClick={() => void leaveFor(openPortal)}>
                  {text('plans.manage')}
                </Button>
              ) : (
                <Button kind="ember" disabled={busy || confirming} onClick={() => void leaveFor(openCheckout)}>
                  {text('upgrade')}
                </Button>
              )}
              {isPro && end !== null && (
                <p className="m-0 mt-3 text-[14px] text-soft">
                  {text(plan.cancel_at_period_end ? 'plans.ends' : 'plans.renews', { date: longDate(end) })}
                </p>
              )}
            </Card>
          </div>
          <p className="m-0 text-center text-[14px] text-faint">{text('plans.stripe')}</p>
        </div>
      </div>
    </>
  );
}

function UsageToday({
  used,
  limit,
  resetsAt,
}: {
  readonly used: number;
  readonly limit: number;
  readonly resetsAt: string;
}) {
  const text = useText();
  return (
    <div>
      <div className="tabular flex flex-wrap justify-between gap-x-4">
        <strong id="usage-label" className="font-semibold">
          {text('plans.today')}
        </strong>
        <span className="text-soft">{text('plans.used', { used, limit, time: clockTime(resetsAt) })}</span>
      </div>
      <meter
        aria-labelledby="usage-label"
        min={0}
        max={limit}
        value={Math.min(used, limit)}
        className="usage mt-2 block h-2 w-full"
      />
    </div>
  );
}

function Card({
  name,
  price,
  points,
  strong = false,
  children,
}: {
  readonly name: string;
  readonly price: string;
  readonly points: readonly string[];
  readonly strong?: boolean;
  readonly children: React.ReactNode;
}) {
  return (
    <section
      className={`flex flex-col rounded-[22px] border bg-raised p-6 ${strong ? 'border-ember ring-4 ring-ember/18' : 'border-line'}`}
    >
      <h2 className="m-0 text-[19px]">{name}</h2>
      <p className="m-0 my-3 text-[30px] font-[650] tracking-[-0.03em]">{price}</p>
      <ul className="m-0 mb-5 grid flex-1 content-start gap-2.5 p-0">
        {points.map((point) => (
          <li key={point} className="flex list-none items-baseline gap-2.5 text-soft">
            <span aria-hidden="true" className="size-1.5 shrink-0 -translate-y-0.5 rounded-full bg-ember" />
            {point}
          </li>
        ))}
      </ul>
      <div className="grid">{children}</div>
    </section>
  );
}

function longDate(timestamp: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long' }).format(new Date(timestamp));
}
