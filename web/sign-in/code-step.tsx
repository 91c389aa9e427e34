/** The code step: one field with autofill and automatic submit, and a countdown to another code. */
import { useEffect, useRef, useState } from 'react';
import type { SentCode } from '../api/account.ts';
import { useText } from '../languages/text.ts';
import { maskNumber } from '../rooms/sidebar.tsx';
import { codeDigits, CodeField, onlyDigits } from './code-field.tsx';
import { CodeHelp } from './code-help.tsx';

export interface CodeStepProps {
  readonly number: string;
  readonly answer: SentCode;
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

  async function verify(whole: string): Promise<void> {
    setBusy(true);
    if (await onVerify(whole)) return;
    setBusy(false);
    setCode('');
  }

  function change(next: string): void {
    setCode(next);
    if (next.length === codeDigits && !busy) void verify(next);
  }

  // Preloads the next page.
  useEffect(() => void import('../chat/new-chat-page.tsx').catch(() => {}), []);
  useWebOtp(change);

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (code.length === codeDigits) void verify(code);
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
      <CodeField value={code} onChange={change} disabled={busy} failure={failure} />
      <CodeHelp {...answer} atMs={atMs} busy={busy} onUse={change} onResend={onResend} />
    </form>
  );
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
      .then(
        (credential) => credential && latest.current(onlyDigits((credential as Credential & { code: string }).code)),
      )
      .catch(() => {});
    return () => abort.abort();
  }, []);
}
