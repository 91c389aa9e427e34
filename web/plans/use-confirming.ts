/** After Checkout: true until the server knows of the payment. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readSubscription } from '../api/account.ts';
import { keys } from '../app/keys.ts';

const askEveryMs = 2000;

/** Stripe sends people back with `?checkout=success`; its webhook may come later than they do. */
export function useConfirming(): boolean {
  const [returned] = useState(() => new URLSearchParams(location.search).get('checkout') === 'success');
  const { data } = useQuery({
    queryKey: keys.subscription,
    queryFn: ({ signal }) => readSubscription(signal),
    refetchInterval: ({ state }) => (returned && state.data?.tier !== 'Pro' ? askEveryMs : false),
  });
  return returned && data !== undefined && data.tier !== 'Pro';
}
