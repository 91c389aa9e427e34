/** The notice on every page while a payment is overdue, with a link to pay. Loaded on demand. */
import type { Subscription } from '../../contract/subscriptions.ts';
import { openPortal } from '../api/account.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { usePlans } from './use-plans.ts';
import { useLeaving } from './leave-for-stripe.ts';

export function PastDueNotice({ tier }: Pick<Subscription, 'tier'>) {
  const text = useText();
  const { busy, leaveFor } = useLeaving();
  const { data: plans, isPending } = usePlans();
  // An alert is read aloud, so its text may not change.
  if (isPending) return null;
  const isFree = tier === plans?.[0]?.id;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-2 bg-bad-wash px-5 py-2.5">
      <p className="m-0 min-w-56 flex-1">{text(isFree ? 'plans.past-due-basic' : 'plans.past-due', { name: tier })}</p>
      <Button disabled={busy} onClick={() => void leaveFor(openPortal)}>
        {text('plans.pay')}
      </Button>
    </div>
  );
}
