/** After Checkout: true until the server has the payment, which is then announced once. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { readSubscription } from '../api/account.ts';
import { keys } from '../app/keys.ts';
import { useText } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';

const askEveryMs = 2000;

/** Stripe redirects with `?checkout=success`; its webhook may arrive later. */
export function useConfirming(): boolean {
  const text = useText();
  const navigate = useNavigate();
  const { checkout } = useSearch({ from: '/inside/plans' });
  const returned = checkout === 'success';
  const { data } = useQuery({
    queryKey: keys.subscription,
    queryFn: ({ signal }) => readSubscription(signal),
    refetchInterval: ({ state }) => (returned && state.data?.tier !== 'Pro' ? askEveryMs : false),
  });
  const done = returned && data?.tier === 'Pro';

  useEffect(() => {
    if (!done) return;
    showToast({ message: text('plans.welcome') });
    void navigate({ to: '/plans', replace: true });
  }, [done, navigate, text]);

  return returned && data !== undefined && !done;
}
