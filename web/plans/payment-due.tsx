/** Shows the notice about an overdue payment. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { readSubscription } from '../api/account.ts';
import { keys } from '../app/keys.ts';

const PastDueNotice = lazy(async () => ({ default: (await import('./past-due-notice.tsx')).PastDueNotice }));
const due: readonly string[] = ['past_due', 'unpaid', 'incomplete'];

export function PaymentDue() {
  const { data } = useQuery({ queryKey: keys.subscription, queryFn: ({ signal }) => readSubscription(signal) });
  if (!data || !due.includes(data.status)) return null;
  return (
    <Suspense>
      <PastDueNotice tier={data.tier} />
    </Suspense>
  );
}
