/** The dialog that shows what the next question is sent with, loaded on demand. */
import { useQuery } from '@tanstack/react-query';
import { useId, type ReactNode } from 'react';
import type { Context } from '../../contract/context.ts';
import type { Message } from '../../contract/messages.ts';
import { readContext } from '../api/rooms.ts';
import { keys } from '../app/keys.ts';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { LoadState } from '../ui/load-state.tsx';
import { labelOf, useModels } from './use-models.ts';
import { sentTurns, type SentTurn } from './sent-turns.ts';

/** Maximum length of a list. */
const mostListed = 100;

export interface ContextDialogProps {
  readonly roomId: number;
  /** The loaded part of the path. */
  readonly messages: readonly Message[];
  /** The first message of the path is among them. */
  readonly complete: boolean;
  readonly onClose: () => void;
}

export function ContextDialog({ roomId, messages, complete, onClose }: ContextDialogProps) {
  const text = useText();
  const context = useQuery({
    queryKey: keys.context(roomId),
    queryFn: ({ signal }) => readContext(roomId, signal),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Dialog title={text('context.title')} onClose={onClose}>
      {context.data === undefined ? (
        <LoadState queries={[context]} />
      ) : (
        <Parts context={context.data} turns={sentTurns(messages, context.data)} complete={complete} />
      )}
      <Button onClick={onClose} className="mt-5">
        {text('close')}
      </Button>
    </Dialog>
  );
}

function Parts({
  context,
  turns,
  complete,
}: {
  readonly context: Context;
  readonly turns: readonly SentTurn[];
  readonly complete: boolean;
}) {
  const text = useText();
  const models = useModels();
  const { model, instructions, memories, summary, files } = context;
  const [sent, kept] = [turns.filter(({ fate }) => fate === 'sent'), turns.filter(({ fate }) => fate !== 'sent')];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 pt-2">
      <Part title={text('context.model')}>
        <bdi>{labelOf(models, model)}</bdi>
      </Part>
      <Budget context={context} />
      <Part title={text('context.instructions')}>{instructions ?? text('context.none')}</Part>
      <Part title={text('memories')}>
        {memories.length === 0 ? (
          text('context.none')
        ) : (
          <ul className="m-0 list-disc ps-5">
            {memories.map((memory) => (
              <li key={memory} dir="auto">
                {memory}
              </li>
            ))}
          </ul>
        )}
      </Part>
      <Part title={text('context.summary')}>{summary?.text ?? text('context.none')}</Part>
      {files.length > 0 && (
        <Part title={text('files')}>
          <Files files={files} />
        </Part>
      )}
      <Part title={text('context.messages')}>
        <Turns label={text('context.sent', { count: context.turns.length })} turns={sent} />
        {kept.length > 0 && <Turns label={text('context.not-sent', { count: kept.length })} turns={kept} />}
        {!complete && <p className="m-0 mt-1 text-[14px] text-faint">{text('context.older')}</p>}
      </Part>
    </div>
  );
}

function Files({ files }: Pick<Context, 'files'>) {
  const text = useText();
  const number = new Intl.NumberFormat(locale());
  const notes = { whole: null, passages: text('context.file-passages'), none: text('context.file-name-only') };
  return (
    <ul className="m-0 grid grid-cols-[minmax(0,1fr)] gap-1 p-0">
      {files.map(({ id, name, sent, tokens }) => (
        <li key={id} className="tabular flex list-none items-baseline gap-2 text-[14px]">
          <bdi className="min-w-0 flex-1 truncate">{name}</bdi>
          {notes[sent] !== null && <span className="shrink-0 text-faint">{notes[sent]}</span>}
          <span className="shrink-0 text-faint">{number.format(tokens)}</span>
        </li>
      ))}
    </ul>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3 className="m-0 mb-1 text-[15px]">{title}</h3>
      <div dir="auto" className="[overflow-wrap:anywhere] whitespace-pre-wrap text-soft">
        {children}
      </div>
    </section>
  );
}

function Budget({ context: { used_tokens: used, budget_tokens: budget } }: { readonly context: Context }) {
  const text = useText();
  const id = useId();
  const number = new Intl.NumberFormat(locale());
  return (
    <section>
      <div className="tabular flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 id={id} className="m-0 text-[15px]">
          {text('context.length')}
        </h3>
        <span className="text-soft">
          {text('context.tokens', { used: number.format(used), budget: number.format(budget) })}
        </span>
      </div>
      <meter
        aria-labelledby={id}
        min={0}
        max={budget}
        value={Math.min(used, budget)}
        className="usage mt-2 block h-2 w-full"
      />
      <p className="m-0 mt-1.5 text-[14px] text-faint">{text('context.length-hint')}</p>
    </section>
  );
}

/** A list that opens; newest last. */
function Turns({ label, turns }: { readonly label: string; readonly turns: readonly SentTurn[] }) {
  const text = useText();
  const number = new Intl.NumberFormat(locale());
  if (turns.length === 0) return <p className="m-0">{label}</p>;
  return (
    <details>
      <summary className="min-h-8 cursor-pointer py-1">{label}</summary>
      <ul className="m-0 mb-2 grid grid-cols-[minmax(0,1fr)] gap-1 p-0">
        {turns.slice(-mostListed).map(({ message: { id, content, is_from_user }, fate, tokens }) => (
          <li key={id} className="tabular flex list-none items-baseline gap-2 text-[14px]">
            <span className="shrink-0 font-semibold">{text(is_from_user ? 'you' : 'model')}</span>
            <bdi className="min-w-0 flex-1 truncate">{content.slice(0, 200)}</bdi>
            <span className="shrink-0 text-faint">
              {tokens === null ? text(`fate.${fate}`) : number.format(tokens)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
