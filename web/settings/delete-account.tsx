/** The dialog in which the account is deleted: what happens, then a code, which the button below it uses. */
import { useState } from 'react';
import { deleteAccount, sendCode, type SentCode } from '../api/account.ts';
import { maskNumber } from '../rooms/sidebar.tsx';
import { useText } from '../languages/text.ts';
import { endSession } from '../session/session.ts';
import { codeDigits, CodeField } from '../sign-in/code-field.tsx';
import { CodeHelp } from '../sign-in/code-help.tsx';
import { failureText } from '../sign-in/failure-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

export function DeleteAccount({ number, onClose }: { readonly number: string; readonly onClose: () => void }) {
  const text = useText();
  const [sent, setSent] = useState<(SentCode & { readonly atMs: number }) | null>(null);
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  /** Says why it failed; false if it did. */
  async function attempt(work: () => Promise<void>): Promise<boolean> {
    setBusy(true);
    setFailure(null);
    const failed = await work().then(
      () => null,
      (error: unknown) => failureText(error, text),
    );
    setFailure(failed);
    setBusy(false);
    return failed === null;
  }

  const ask = () =>
    attempt(async () => {
      setSent({ ...(await sendCode(number)), atMs: Date.now() });
      setCode('');
    });

  async function remove(): Promise<void> {
    // The feed may have ended the session before the response is here.
    if (await attempt(() => deleteAccount(code))) return endSession('account_deleted');
    setCode('');
  }

  return (
    <Dialog title={text('deletion.title')} onClose={busy ? () => {} : onClose}>
      <ul className="m-0 mb-5 grid gap-1.5 ps-5 text-soft">
        <li>{text('deletion.chats')}</li>
        <li>{text('deletion.devices')}</li>
        <li>{text('deletion.plan')}</li>
      </ul>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (sent === null) void ask();
          else if (code.length === codeDigits && !busy) void remove();
        }}
      >
        <p className="m-0 text-soft">
          {text(sent === null ? 'deletion.code' : 'code.sent')}{' '}
          <bdi className="tabular font-semibold text-ink">{maskNumber(number)}</bdi>
        </p>
        {sent === null ? (
          failure !== null && (
            <p role="alert" className="m-0 text-bad">
              {failure}
            </p>
          )
        ) : (
          <>
            <CodeField value={code} onChange={setCode} disabled={busy} failure={failure} />
            <CodeHelp
              {...sent}
              busy={busy}
              onUse={setCode}
              onResend={async () => {
                await ask();
              }}
            />
          </>
        )}
        <div className="grid gap-3 sm:grid-cols-2">
          <Button onClick={onClose} disabled={busy}>
            {text('cancel')}
          </Button>
          {sent === null ? (
            <Button type="submit" kind="strong" disabled={busy}>
              {text('deletion.send')}
            </Button>
          ) : (
            <Button type="submit" kind="danger" disabled={busy || code.length < codeDigits}>
              {text('deletion')}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
