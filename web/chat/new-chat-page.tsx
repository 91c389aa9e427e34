/** A new chat; its room is created with the first question, and named by the server after the first answer. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Chatroom } from '../../contract/chatrooms.ts';
import type { Attachment } from '../../contract/attachments.ts';
import { ApiProblem } from '../api/problem.ts';
import { createRoom, patchRoom } from '../api/rooms.ts';
import { PageHeader } from '../app/page-header.tsx';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { putRoomFirst } from '../live/room-cache.ts';
import { isLimit } from '../plans/is-limit.ts';
import { Mark } from '../ui/mark.tsx';
import { showToast } from '../ui/toast.tsx';
import { Composer } from './composer.tsx';
import { send } from './outbox.ts';

/** Loaded on demand. */
const LimitDialog = lazy(async () => ({ default: (await import('../plans/limit-dialog.tsx')).LimitDialog }));

export function NewChatPage() {
  const text = useText();
  const navigate = useNavigate();
  const [limit, setLimit] = useState<ApiProblem | null>(null);
  const [model, setModel] = useState<string | null>(null);
  /** Another composer reads the draft again. */
  const [draft, setDraft] = useState(0);
  const { shared } = useSearch({ from: '/inside/' });
  useEffect(() => {
    if (!shared) return;
    void import('../files/shared-in.ts')
      .then(({ takeShared }) => takeShared())
      .catch(() => showToast({ message: text('share.not-taken') }))
      .finally(() => {
        setDraft((count) => count + 1);
        void navigate({ to: '/', search: {}, replace: true });
      });
  }, [shared, navigate, text]);
  /** The room is created once, also if its first question is refused and sent again. */
  const made = useRef<Chatroom | null>(null);

  async function ask(content: string, attachments: readonly Attachment[]): Promise<boolean> {
    try {
      made.current ??= await createRoom(crypto.randomUUID());
      if (made.current.model !== model) made.current = await patchRoom(made.current.id, { model });
      putRoomFirst(queries, made.current);
    } catch (error) {
      showToast({ message: error instanceof ApiProblem ? error.message : text('notice.away') });
      return false;
    }
    const { id: roomId } = made.current;
    const sent = await send(roomId, content, attachments);
    if (sent.kind === 'refused') {
      if (sent.problem && isLimit(sent.problem)) setLimit(sent.problem);
      else showToast({ message: sent.problem?.message ?? text('composer.not-sent') });
      return false;
    }
    void navigate({ to: '/c/$roomId', params: { roomId: String(roomId) } });
    return true;
  }

  return (
    <>
      <PageHeader title={text('new-chat')} />
      <div className="grid flex-1 content-center justify-items-center gap-4 p-6 text-center">
        <Mark size={52} />
        <h2 className="m-0 text-[30px] leading-tight tracking-[-0.03em]">{text('empty.title')}</h2>
        <p className="m-0 max-w-md text-soft">{text('empty.text')}</p>
      </div>
      <Composer key={draft} room="new" model={model} onModel={setModel} onSend={ask} onStop={null} />
      <Suspense>{limit && <LimitDialog problem={limit} onClose={() => setLimit(null)} />}</Suspense>
    </>
  );
}
