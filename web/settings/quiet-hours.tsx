/** Hours of each day without notifications, for all devices of the account. */
import { useQuery } from '@tanstack/react-query';
import type { UserSettings } from '../../contract/memories.ts';
import { changeSettings, readSettings } from '../api/memories.ts';
import { keys } from '../app/keys.ts';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';
import { Choice } from './choice.tsx';

type Hours = NonNullable<UserSettings['push_quiet']>;

export function QuietHours() {
  const text = useText();
  const { data } = useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => readSettings(signal) });
  if (data === undefined) return null;
  const { push_quiet: quiet } = data;

  async function choose(hours: Hours | null): Promise<void> {
    const before = queries.getQueryData<UserSettings>(keys.settings);
    queries.setQueryData<UserSettings>(keys.settings, (now) => now && { ...now, push_quiet: hours });
    try {
      queries.setQueryData(keys.settings, await changeSettings({ push_quiet: hours }));
    } catch {
      queries.setQueryData(keys.settings, before);
      showToast({ message: text('settings.failed') });
    }
  }

  /** A field that is cleared has no time. */
  function change(end: 'from' | 'to', time: string): void {
    if (quiet && time !== '') void choose({ ...quiet, [end]: time });
  }

  return (
    <div className="grid gap-2">
      <Choice
        label={text('quiet')}
        hint={text('quiet.hint')}
        checked={quiet !== null}
        onChange={(on) => void choose(on ? { from: '22:00', to: '07:00', time_zone: timeZone() } : null)}
      />
      {quiet && (
        <div className="ms-7.5 flex flex-wrap gap-3">
          {(['from', 'to'] as const).map((end) => (
            <label key={end} className="flex items-center gap-2 text-[14px] text-soft">
              {text(`quiet.${end}`)}
              <input
                type="time"
                required
                value={quiet[end]}
                onChange={(event) => change(end, event.currentTarget.value)}
                className="tabular min-h-10 rounded-xl border border-line bg-raised px-3 text-ink"
              />
            </label>
          ))}
        </div>
      )}
    </div>
  );
}

function timeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
