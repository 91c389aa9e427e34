/** The code step: one field with autofill and automatic submit, and a countdown to another code. */
import { useEffect, useRef, useState } from 'react';
import type { CodeSent } from '../../contract/accounts.ts';
import { useText } from '../languages/text.ts';
import { maskNumber } from '../rooms/sidebar.tsx';
import { Button } from '../ui/button.tsx';

const digits = 6;

export interface CodeStepProps {
  readonly number: string;
  readonly answer: CodeSent & { readonly otp?: string };
  readonly atMs: number;
  readonly failure: string | null;
  /** Resolves to false if the code was rejected. */
  readonly onVerify: (code: string) => Promise<boolean>;
  readonly onResend: () => Promise<void>;
  readonly onChange: () => void;
}

export function CodeStep({ number, answer, atMs, failure, onVerify, onResend, onChange }: CodeStepProps) {
  const text = useText();
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const waitSeconds = useCountdown(atMs + answer.resend_after * 1000);

  async function verify(whole: string): Promise<void> {
    setBusy(true);
    if (await onVerify(whole)) return;
    setBusy(false);
    setCode('');
    field.current?.focus();
  }

  function change(value: string): void {
    const next = value.normalize('NFKC').replaceAll(/\D/g, '').slice(0, digits);
    setCode(next);
    if (next.length === digits && !busy) void verify(next);
  }

  // Preloads the next page.
  useEffect(() => void import('../chat/new-chat-page.tsx').catch(() => {}), []);
  useWebOtp(change);

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (code.length === digits) void verify(code);
      }}
    >
      <div>
        <h1 className="m-0 text-[34px] leading-tight tracking-[-0.035em]">{text('code.title')}</h1>
        <p className="m-0 mt-2 text-soft">
          {text('code.sent')} <bdi className="tabular font-semibold text-ink">{maskNumber(number)}</bdi>{' '}
          <button type="button" onClick={onChange} className="underline underline-offset-2">
            {text('code.change')}
          </button>
        </p>
      </div>
      <div className="grid gap-1.5">
        <label htmlFor="code" className="text-[14px] font-semibold text-soft">
          {text('code.label')}
        </label>
        <input
          ref={field}
          id="code"
          autoFocus
          dir="ltr"
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          disabled={busy}
          aria-invalid={failure !== null}
          aria-describedby={failure === null ? undefined : 'code-failure'}
          onChange={(event) => change(event.target.value)}
          className="tabular min-h-14 w-full min-w-0 rounded-[14px] border border-line bg-raised px-4 text-center text-[26px] tracking-[0.35em] focus:border-ember"
        />
        {failure !== null && (
          <p id="code-failure" role="alert" className="m-0 text-bad">
            {failure}
          </p>
        )}
      </div>
      {answer.otp !== undefined && (
        <div className="rounded-[14px] border border-dashed border-faint p-3 text-[14px] text-soft">
          <p className="m-0 mb-2">{text('code.echo')}</p>
          <Button disabled={busy} onClick={() => change(answer.otp!)}>
            {text('code.use', { code: answer.otp })}
          </Button>
        </div>
      )}
      <Button kind="quiet" disabled={waitSeconds > 0 || busy} onClick={() => void onResend()} className="tabular">
        {waitSeconds > 0 ? text('code.resend-in', { seconds: waitSeconds }) : text('code.resend')}
      </Button>
    </form>
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

/** Reads the code from the SMS if the browser supports WebOTP. */
function useWebOtp(onCode: (code: string) => void): void {
  const latest = useRef(onCode);
  latest.current = onCode;
  useEffect(() => {
    if (!('OTPCredential' in globalThis)) return;
    const abort = new AbortController();
    const request = { otp: { transport: ['sms'] }, signal: abort.signal } as CredentialRequestOptions;
    navigator.credentials
      .get(request)
      .then((credential) => credential && latest.current((credential as Credential & { code: string }).code))
      .catch(() => {});
    return () => abort.abort();
  }, []);
}
