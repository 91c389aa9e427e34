/** The account: its number, signing out, downloading all of it, and deleting it. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { readMe } from '../api/account.ts';
import { download } from '../app/download.ts';
import { keys } from '../app/keys.ts';
import { useText } from '../languages/text.ts';
import { signOut } from '../session/session.ts';
import { Button } from '../ui/button.tsx';

const DeleteAccount = lazy(async () => ({ default: (await import('./delete-account.tsx')).DeleteAccount }));

export function Account() {
  const text = useText();
  const { data: me } = useQuery({ queryKey: keys.me, queryFn: ({ signal }) => readMe(signal) });
  const [deleting, setDeleting] = useState(false);
  return (
    <section className="grid gap-2">
      <h2 className="m-0 text-[16px]">{text('account')}</h2>
      <p className="tabular m-0 text-soft">
        <bdi>{me?.mobile_number}</bdi>
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => void signOut()}>{text('sign-out')}</Button>
        <Button onClick={() => void download('/user/export')}>{text('export.account')}</Button>
        {me && (
          <Button onClick={() => setDeleting(true)} className="text-bad">
            {text('deletion')}
          </Button>
        )}
      </div>
      <Suspense>
        {me && deleting && <DeleteAccount number={me.mobile_number} onClose={() => setDeleting(false)} />}
      </Suspense>
    </section>
  );
}
