/** The page of a room: conversation, composer, and errors of sending. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { cancelReply, listMessages, regenerateReply } from '../api/messages.ts';
import type { Attachment } from '../../contract/attachments.ts';
import { ApiProblem } from '../api/problem.ts';
import { patchRoom, readRoom } from '../api/rooms.ts';
import { keys } from '../app/keys.ts';
import { useLive } from '../app/live.tsx';
import { NotFound } from '../app/not-found.tsx';
import { PageHeader } from '../app/page-header.tsx';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { isUnfinished } from '../live/apply-event.ts';
import { addMessages } from '../live/message-cache.ts';
import { changeRoom } from '../live/room-cache.ts';
import { isLimit } from '../plans/is-limit.ts';
import { useMarkRead } from '../rooms/mark-read.ts';
import { nameOf } from '../rooms/name-of.ts';
import { IconButton } from '../ui/button.tsx';
import { showToast } from '../ui/toast.tsx';
import { Composer } from './composer.tsx';
import { Conversation } from './conversation.tsx';
import { messagesOf, send } from './outbox.ts';
import { turnsOf } from './turns.ts';

/** Loaded on demand. */
const ArchivedNotice = lazy(async () => ({ default: (await import('../rooms/archived-notice.tsx')).ArchivedNotice }));
const ContextDialog = lazy(async () => ({ default: (await import('./context-dialog.tsx')).ContextDialog }));
const LimitDialog = lazy(async () => ({ default: (await import('../plans/limit-dialog.tsx')).LimitDialog }));

export function ChatPage() {
  const { roomId } = useParams({ from: '/inside/c/$roomId' });
  const { message = null } = useSearch({ from: '/inside/c/$roomId' });
  const id = Number(roomId);
  if (!Number.isSafeInteger(id) || id < 1) return <NotFound />;
  return <Room key={id} roomId={id} target={message} />;
}

function Room({ roomId, target }: { readonly roomId: number; readonly target: number | null }) {
  const text = useText();
  const live = useLive();
  const [limit, setLimit] = useState<ApiProblem | null>(null);
  const [contextShown, setContextShown] = useState(false);
  const room = useQuery({ queryKey: keys.room(roomId), queryFn: ({ signal }) => readRoom(roomId, signal) });
  const pages = useInfiniteQuery({
    queryKey: keys.messages(roomId),
    queryFn: ({ pageParam, signal }) => listMessages(roomId, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const messages = useMemo(() => (pages.data?.pages ?? []).toReversed().flatMap(({ items }) => items), [pages.data]);
  const unfinished = messages.filter(isUnfinished);
  useMarkRead(room.data, messages);

  // Text generated before the page was opened comes with the list; deltas continue it.
  useEffect(() => {
    for (const { id, attempt, content, status } of unfinished) {
      live.text.start(id, attempt ?? 0, status === 'generating' ? 'thinking' : 'queued');
      if (content !== '') live.text.replace(id, attempt ?? 0, content);
    }
  }, [live, unfinished]);

  function explain(problem: ApiProblem | null): void {
    if (problem && isLimit(problem)) setLimit(problem);
    else showToast({ message: problem?.message || text('composer.not-sent') });
  }

  /** With the parent of another question it becomes a further version of that. */
  async function ask(content: string, attachments: readonly Attachment[], parentId?: number | null): Promise<boolean> {
    const sent = await send(roomId, content, attachments, parentId);
    if (sent.kind === 'refused') explain(sent.problem);
    return sent.kind === 'accepted';
  }

  async function regenerate(replyId: number): Promise<void> {
    try {
      const accepted = await regenerateReply(roomId, replyId, crypto.randomUUID());
      addMessages(queries, roomId, messagesOf(accepted));
    } catch (error) {
      explain(error instanceof ApiProblem ? error : null);
    }
  }

  async function chooseModel(model: string | null): Promise<void> {
    try {
      changeRoom(queries, await patchRoom(roomId, { model }));
    } catch (error) {
      showToast({ message: (error instanceof ApiProblem && error.message) || text('model.failed') });
    }
  }

  async function choose(messageId: number): Promise<void> {
    try {
      changeRoom(queries, await patchRoom(roomId, { head_id: messageId }));
    } catch (error) {
      explain(error instanceof ApiProblem ? error : null);
    }
  }

  async function stop(): Promise<void> {
    const cancels = unfinished.map(({ id }) => cancelReply(roomId, id));
    const outcomes = await Promise.allSettled(cancels);
    const failed = outcomes.some((one) => one.status === 'rejected' && one.reason?.code !== 'reply_finished');
    if (failed) showToast({ message: text('composer.not-stopped') });
  }

  const missing = [room.error, pages.error].some((error) => error instanceof ApiProblem && error.status === 404);
  if (missing) return <NotFound />;
  return (
    <>
      <PageHeader title={room.data ? nameOf(room.data, text) : ''}>
        <IconButton icon="layers" label={text('context.title')} onClick={() => setContextShown(true)} />
      </PageHeader>
      <Conversation
        roomId={roomId}
        turns={turnsOf(messages)}
        target={target}
        loading={pages.isPending}
        failed={pages.isError && !pages.data}
        onRetryLoad={() => void pages.refetch()}
        onOlder={pages.hasNextPage && !pages.isFetching ? () => void pages.fetchNextPage() : null}
        complete={pages.data !== undefined && !pages.hasNextPage}
        onRegenerate={(replyId) => void regenerate(replyId)}
        onChoose={(messageId) => void choose(messageId)}
        onEdit={(question, content, attachments) => ask(content, attachments, question.parent_id)}
      />
      <Suspense>{room.data?.archived && <ArchivedNotice roomId={roomId} />}</Suspense>
      <Composer
        room={roomId}
        model={room.data?.model ?? null}
        onModel={(model) => void chooseModel(model)}
        onSend={ask}
        onStop={unfinished.length > 0 ? () => void stop() : null}
      />
      <Suspense>
        {contextShown && (
          <ContextDialog
            roomId={roomId}
            messages={messages}
            complete={pages.data !== undefined && !pages.hasNextPage}
            onClose={() => setContextShown(false)}
          />
        )}
      </Suspense>
      <Suspense>{limit && <LimitDialog problem={limit} onClose={() => setLimit(null)} />}</Suspense>
    </>
  );
}
