/** Below the field for a code: the code itself on a development server, and a button for another one. */
import { useEffect, useState } from 'react';
import type { SentCode } from '../api/account.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';

export function CodeHelp({
  otp,
  resend_after,
  atMs,
  busy,
  onUse,
  onResend,
}: SentCode & {
  /** When the code was sent. */
  readonly atMs: number;
  readonly busy: boolean;
  readonly onUse: (code: string) => void;
  readonly onResend: () => Promise<void>;
}) {
  const text = useText();
  const waitSeconds = useCountdown(atMs + resend_after * 1000);
  return (
    <>
      {otp !== undefined && (
        <div className="rounded-[14px] border border-dashed border-faint p-3 text-[14px] text-soft">
          <p className="m-0 mb-2">{text('code.echo')}</p>
          <Button disabled={busy} onClick={() => onUse(otp)}>
            {text('code.use', { code: otp })}
          </Button>
        </div>
      )}
      <Button kind="quiet" disabled={waitSeconds > 0 || busy} onClick={() => void onResend()} className="tabular">
        {waitSeconds > 0 ? text('code.resend-in', { seconds: waitSeconds }) : text('code.resend')}
      </Button>
    </>
  );
}

/** Whole seconds until `endMs`; 0 from then on. */
function useCountdown(endMs: number): number {
  const left = () => Math.max(0, Math.ceil((endMs - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => setSeconds(left()), 500);
    return () => clearInterval(timer);
  }, [endMs]);
  return seconds;
}
