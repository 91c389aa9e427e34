/** The plans on offer, cheapest first; the first is free. */
import { useQuery } from '@tanstack/react-query';
import { listPlans } from '../api/account.ts';
import { keys } from '../app/keys.ts';

export function usePlans() {
  return useQuery({ queryKey: keys.plans, queryFn: ({ signal }) => listPlans(signal), staleTime: 60_000 });
}
