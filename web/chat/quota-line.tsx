/** Remaining messages of today when few are left, with the reset time in local time, or a budget that is nearly used. */
import { useQuery } from '@tanstack/react-query';
import { readSubscription } from '../api/account.ts';
import { keys } from '../app/keys.ts';
import { locale, percentText, useText } from '../languages/text.ts';

/** From the third message of five on. */
const sayFrom = 0.6;
const sayBudgetFrom = 80;

export function QuotaLine() {
  const text = useText();
  const { data } = useQuery({ queryKey: keys.subscription, queryFn: ({ signal }) => readSubscription(signal) });
  const { daily_limit: limit, remaining_today: left, resets_at } = data ?? {};
  const say = typeof limit === 'number' && typeof left === 'number' && left <= limit * sayFrom;
  return (
    <p className="tabular m-0 min-h-6 pt-1.5 text-center text-[13px] text-faint">
      {say && resets_at && (
        <>
          <strong className="font-semibold text-soft">{text('quota.left', { left, limit })}</strong>{' '}
          {text('quota.resets', { time: clockTime(resets_at) })}
        </>
      )}
      {!say &&
        data?.budget &&
        data.budget.used_percent >= sayBudgetFrom &&
        text('budget.nearly', { percent: percentText(data.budget.used_percent) })}
    </p>
  );
}

/** The local time of day. */
export function clockTime(timestamp: string): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(new Date(timestamp));
}
