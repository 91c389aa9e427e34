/** Above every page while a payment is due: what happened, and where to pay. */
import { useQuery } from '@tanstack/react-query';
import { openPortal, readSubscription } from '../api/account.ts';
import { keys } from '../app/keys.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { useLeaving } from './leave-for-stripe.ts';

const due: readonly string[] = ['past_due', 'unpaid', 'incomplete'];

export function PastDueNotice() {
  const text = useText();
  const { busy, leaveFor } = useLeaving();
  const { data } = useQuery({ queryKey: keys.subscription, queryFn: ({ signal }) => readSubscription(signal) });
  if (!data || !due.includes(data.status)) return null;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-2 bg-bad-wash px-5 py-2.5">
      <p className="m-0 min-w-56 flex-1">{text(data.tier === 'Pro' ? 'plans.past-due' : 'plans.past-due-basic')}</p>
      <Button disabled={busy} onClick={() => void leaveFor(openPortal)}>
        {text('plans.pay')}
      </Button>
    </div>
  );
}
