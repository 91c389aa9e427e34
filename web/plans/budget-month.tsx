/** How much of the plan's monthly budget is used, and when it resets. */
import type { Subscription } from '../../contract/subscriptions.ts';
import { locale, percentText, useText } from '../languages/text.ts';

export function BudgetMonth({ budget }: { readonly budget: NonNullable<Subscription['budget']> }) {
  const text = useText();
  const { used_percent: used, resets_at } = budget;
  // The month begins at midnight UTC, for everybody.
  const date = new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'long', timeZone: 'UTC' });
  return (
    <div>
      <div className="tabular flex flex-wrap justify-between gap-x-4">
        <strong id="budget-label" className="font-semibold">
          {text('budget.month')}
        </strong>
        <span className="text-soft">
          {text('budget.used', { percent: percentText(used), date: date.format(new Date(resets_at)) })}
        </span>
      </div>
      <meter aria-labelledby="budget-label" min={0} max={100} value={used} className="usage mt-2 block h-2 w-full" />
    </div>
  );
}
