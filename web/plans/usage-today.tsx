/** Messages used today, and the reset time. */
import { clockTime } from '../chat/quota-line.tsx';
import { useText } from '../languages/text.ts';

export function UsageToday({
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
