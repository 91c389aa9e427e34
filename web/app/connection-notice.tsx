/** A notice shown while the network or the server is unavailable. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useText } from '../languages/text.ts';
import { useConnection, useLive } from './live.tsx';

/** Shorter interruptions are not shown. */
const calmMs = 1500;

const subscribe = (listener: () => void) => {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
};

export function ConnectionNotice() {
  const text = useText();
  const connection = useConnection();
  const { feed } = useLive();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  const lost = connection !== 'live';
  const [shown, setShown] = useState(false);

  useEffect(() => {
    if (!lost) return setShown(false);
    const timer = setTimeout(() => setShown(true), calmMs);
    return () => clearTimeout(timer);
  }, [lost]);

  const notice = online ? (shown && lost ? 'notice.away' : null) : 'notice.offline';
  return (
    <div role="status" className="absolute inset-x-0 top-14 z-20 grid place-items-center px-4">
      {notice && (
        <p className="m-0 flex items-center gap-3 rounded-full border border-line bg-raised px-4 py-1.5 text-[14px] shadow-float">
          {text(notice)}
          {online && (
            <button
              type="button"
              className="font-semibold underline underline-offset-2"
              onClick={() => feed.retryNow()}
            >
              {text('notice.retry')}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
