/** The dialog at the daily limit: the limit, the reset time as local time and duration, the kept draft, and a link to Pro. */
import { useNavigate } from '@tanstack/react-router';
import type { ApiProblem } from '../api/problem.ts';
import { clockTime } from '../chat/quota-line.tsx';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Mark } from '../ui/mark.tsx';

export function LimitDialog({ problem, onClose }: { readonly problem: ApiProblem; readonly onClose: () => void }) {
  const text = useText();
  const navigate = useNavigate();
  const { resets_at, upgrade_url } = problem.problem;
  return (
    <Dialog
      title={text('limit.title')}
      onClose={onClose}
      header={
        <div className="mb-5">
          <Mark size={40} />
        </div>
      }
    >
      <p className="m-0 mb-6 text-soft">
        {text('limit.text')}{' '}
        {resets_at !== undefined && text('limit.resets', { time: clockTime(resets_at), span: spanUntil(resets_at) })}{' '}
        {text('limit.kept')}
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Button onClick={onClose}>{text('limit.wait')}</Button>
        {upgrade_url !== undefined && (
          <Button kind="ember" onClick={() => void navigate({ to: '/plans' })}>
            {text('upgrade')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

/** The duration until a time, such as "4 hours, 12 minutes". */
function spanUntil(timestamp: string, nowMs = Date.now()): string {
  const minutes = Math.max(1, Math.ceil((Date.parse(timestamp) - nowMs) / 60_000));
  const parts = { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
  return new Intl.DurationFormat(locale(), { style: 'long' }).format(parts);
}
