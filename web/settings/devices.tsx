/** The signed-in devices, each with a button to sign it out. */
import { useQuery } from '@tanstack/react-query';
import { endSession, listSessions } from '../api/account.ts';
import { ApiProblem } from '../api/problem.ts';
import { keys } from '../app/keys.ts';
import { queries } from '../app/queries.ts';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { LoadState } from '../ui/load-state.tsx';
import { showToast } from '../ui/toast.tsx';
import { deviceName } from './device-name.ts';

export function Devices() {
  const text = useText();
  const query = useQuery({ queryKey: keys.sessions, queryFn: ({ signal }) => listSessions(signal), staleTime: 0 });
  const { data: sessions } = query;

  async function signOutDevice(id: string): Promise<void> {
    try {
      await endSession(id);
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 404)) showToast({ message: text('devices.failed') });
    }
    await queries.invalidateQueries({ queryKey: keys.sessions });
  }

  return (
    <section className="grid gap-2">
      <h2 className="m-0 text-[16px]">{text('devices')}</h2>
      {sessions === undefined && <LoadState queries={[query]} />}
      <ul className="m-0 grid gap-2 p-0">
        {sessions?.map(({ id, user_agent, last_used_at, current }) => (
          <li
            key={id}
            className="flex min-h-14 list-none items-center gap-3 rounded-xl border border-line bg-raised py-2 ps-4 pe-2"
          >
            <div className="min-w-0 flex-1">
              <div className="truncate font-medium">{deviceName(user_agent) ?? text('devices.unknown')}</div>
              <div className="text-[13px] text-faint">
                {current ? text('devices.this') : text('devices.used', { date: dateTime(last_used_at) })}
              </div>
            </div>
            {!current && (
              <Button
                onClick={() => void signOutDevice(id)}
                aria-label={text('devices.sign-out', { name: deviceName(user_agent) ?? '' })}
              >
                {text('sign-out')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function dateTime(timestamp: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(timestamp));
}
