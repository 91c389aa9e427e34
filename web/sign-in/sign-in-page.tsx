/** Sign-in and sign-up, which look the same: a phone number, then the code that was sent to it. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { askForCode, type SentCode } from '../api/account.ts';
import { usePageTitle } from '../app/page-title.ts';
import { useText } from '../languages/text.ts';
import { session, signIn } from '../session/session.ts';
import { Mark } from '../ui/mark.tsx';
import { CodeStep } from './code-step.tsx';
import { PhoneStep } from './phone-step.tsx';
import { failureText } from './failure-text.ts';

interface Asked {
  readonly number: string;
  readonly answer: SentCode;
  /** Current time, for the countdown. */
  readonly atMs: number;
}

export function SignInPage() {
  const text = useText();
  usePageTitle(text('sign-in.title'));
  const navigate = useNavigate();
  const { next } = useSearch({ from: '/sign-in' });
  const [asked, setAsked] = useState<Asked | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  async function ask(number: string): Promise<void> {
    setFailure(null);
    try {
      setAsked({ number, answer: await askForCode(number), atMs: Date.now() });
    } catch (error) {
      setFailure(failureText(error, text));
    }
  }

  async function verify(code: string): Promise<boolean> {
    setFailure(null);
    try {
      await signIn(asked!.number, code);
    } catch (error) {
      setFailure(failureText(error, text));
      return false;
    }
    await navigate({ href: next ?? '/', replace: true });
    return true;
  }

  return (
    <main className="mx-auto grid min-h-full w-full max-w-[440px] content-center px-5 py-10">
      <div className="mb-8">
        <Mark size={52} />
      </div>
      {asked === null && session.ended !== null && session.ended !== 'account_deleted' && (
        <p role="status" className="m-0 mb-6 rounded-[14px] bg-ember-wash px-4 py-3 text-ember-ink">
          {text(session.ended === 'signed_out' ? 'ended.signed-out' : 'ended.expired')}
        </p>
      )}
      {asked === null ? (
        <PhoneStep failure={failure} onSubmit={ask} />
      ) : (
        <CodeStep
          {...asked}
          failure={failure}
          onVerify={verify}
          onResend={() => ask(asked.number)}
          onChange={() => {
            setFailure(null);
            setAsked(null);
          }}
        />
      )}
    </main>
  );
}
