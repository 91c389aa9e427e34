/** The dialog that shares a chat, loaded on demand: its links, each to a frozen copy of the chat. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Chatroom } from '../../contract/chatrooms.ts';
import type { Share } from '../../contract/shares.ts';
import { ApiProblem } from '../api/problem.ts';
import { createShare, deleteShare, listShares } from '../api/shares.ts';
import { keys } from '../app/keys.ts';
import { queries } from '../app/queries.ts';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { LoadState } from '../ui/load-state.tsx';

export function ShareDialog({ room, onClose }: { readonly room: Chatroom; readonly onClose: () => void }) {
  const text = useText();
  const [busy, setBusy] = useState(false);
  const [copied, setCopied] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const queryKey = keys.shares(room.id);
  const shares = useQuery({ queryKey, queryFn: ({ signal }) => listShares(room.id, signal), staleTime: 0 });

  const put = (change: (known: readonly Share[]) => readonly Share[]) =>
    queries.setQueryData<readonly Share[]>(queryKey, (known = []) => change(known));

  async function attempt(action: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await action();
    } catch (error) {
      setProblem((error instanceof ApiProblem && error.message) || text('share.failed'));
    }
    setBusy(false);
  }

  const create = () =>
    attempt(async () => {
      const share = await createShare(room.id, crypto.randomUUID());
      put((known) => [share, ...known]);
    });
  const remove = ({ id }: Share) =>
    attempt(async () => {
      await deleteShare(room.id, id);
      put((known) => known.filter((one) => one.id !== id));
    });
  const copy = ({ id, url }: Share) =>
    attempt(async () => {
      await navigator.clipboard.writeText(url);
      setCopied(id);
    });

  return (
    <Dialog title={text('share.title')} onClose={onClose}>
      <p className="m-0 mb-4 text-soft">{text('share.text')}</p>
      {shares.data === undefined ? (
        <LoadState queries={[shares]} />
      ) : (
        <ul
          aria-label={text('share.links')}
          className="m-0 mb-4 grid max-h-[40dvh] list-none gap-2 overflow-y-auto p-0"
        >
          {shares.data.map((share) => (
            <li key={share.id} className="rounded-xl border border-line p-3">
              <a href={share.url} target="_blank" rel="noreferrer" dir="ltr" className="block truncate text-[14px]">
                {share.url}
              </a>
              <div id={`share-${share.id}`} className="mb-2 text-[13px] text-faint">
                {text('share.created', { date: dateTime(share.created_at) })}
              </div>
              <div className="flex flex-wrap gap-2">
                <Button aria-describedby={`share-${share.id}`} onClick={() => void copy(share)}>
                  {text(copied === share.id ? 'copied' : 'share.copy')}
                </Button>
                <Button aria-describedby={`share-${share.id}`} disabled={busy} onClick={() => void remove(share)}>
                  {text('share.delete')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {problem !== null && (
        <p role="alert" className="m-0 mb-4 text-bad">
          {problem}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button kind="strong" disabled={busy} onClick={() => void create()}>
          {text('share.create')}
        </Button>
        <Button onClick={onClose}>{text('close')}</Button>
      </div>
    </Dialog>
  );
}

function dateTime(timestamp: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(timestamp));
}
