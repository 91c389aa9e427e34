/** The dialog at a limit: which one, the reset time as local time and duration, the kept draft, and a link to the next plan. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { readSubscription } from '../api/account.ts';
import type { ApiProblem } from '../api/problem.ts';
import { keys } from '../app/keys.ts';
import { clockTime } from '../chat/quota-line.tsx';
import { locale, useText, type Text } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Mark } from '../ui/mark.tsx';
import { usePlans } from './use-plans.ts';

export function LimitDialog({ problem, onClose }: { readonly problem: ApiProblem; readonly onClose: () => void }) {
  const text = useText();
  const navigate = useNavigate();
  const next = useNextPlan();
  const { resets_at, upgrade_url } = problem.problem;
  const isBudget = problem.code === 'budget_reached';
  return (
    <Dialog
      title={text(isBudget ? 'budget.title' : 'limit.title')}
      onClose={onClose}
      header={
        <div className="mb-5">
          <Mark size={40} />
        </div>
      }
    >
      <p className="m-0 mb-6 text-soft">
        {text(isBudget ? 'budget.text' : 'limit.text')}{' '}
        {resets_at !== undefined && (isBudget ? dateText : timeText)(resets_at, text)} {text('limit.kept')}
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Button onClick={onClose}>{text('limit.wait')}</Button>
        {upgrade_url !== undefined && (
          <Button kind="ember" onClick={() => void navigate({ to: '/plans' })}>
            {next === undefined ? text('plans') : text('upgrade', { name: next })}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

/** The id of the plan after the user's; undefined until it is known, and for the last. */
function useNextPlan(): string | undefined {
  const { data: plans } = usePlans();
  const { data } = useQuery({ queryKey: keys.subscription, queryFn: ({ signal }) => readSubscription(signal) });
  const mine = plans?.findIndex(({ id }) => id === data?.tier) ?? -1;
  return mine === -1 ? undefined : plans?.[mine + 1]?.id;
}

const timeText = (at: string, text: Text) => text('limit.resets', { time: clockTime(at), span: spanUntil(at) });

function dateText(at: string, text: Text): string {
  const date = new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'long' }).format(new Date(at));
  return text('budget.resets', { date });
}

/** The duration until a time, such as "4 hours, 12 minutes". */
function spanUntil(timestamp: string, nowMs = Date.now()): string {
  const minutes = Math.max(1, Math.ceil((Date.parse(timestamp) - nowMs) / 60_000));
  const parts = { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
  return new Intl.DurationFormat(locale(), { style: 'long' }).format(parts);
}
