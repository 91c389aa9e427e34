/** After Checkout: true until the server has the payment, which is then announced once. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Tier } from '../../contract/plans.ts';
import type { Subscription } from '../../contract/subscriptions.ts';
import { readSubscription } from '../api/account.ts';
import { keys } from '../app/keys.ts';
import { useText } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';

const askEveryMs = 2000;

/** Stripe redirects with `?checkout=success`; its webhook may arrive later. `free` is the plan that is not paid for, once known. */
export function useConfirming(free: Tier | undefined): boolean {
  const text = useText();
  const navigate = useNavigate();
  const { checkout } = useSearch({ from: '/inside/plans' });
  const returned = checkout === 'success';
  const isPaid = (mine: Subscription | undefined) => mine !== undefined && free !== undefined && mine.tier !== free;
  const { data } = useQuery({
    queryKey: keys.subscription,
    queryFn: ({ signal }) => readSubscription(signal),
    refetchInterval: ({ state }) => (returned && !isPaid(state.data) ? askEveryMs : false),
  });
  const done = returned && isPaid(data);

  useEffect(() => {
    if (!done) return;
    showToast({ message: text('plans.welcome', { name: data?.tier ?? '' }) });
    void navigate({ to: '/plans', replace: true });
  }, [done, navigate, text]);

  return returned && data !== undefined && !done;
}
