/** A memory, which can be changed in place, and deleted with undo. */
import { useEffect, useId, useRef, useState } from 'react';
import type { Memory } from '../../contract/memories.ts';
import { changeMemory, deleteMemory } from '../api/memories.ts';
import { ApiProblem } from '../api/problem.ts';
import { keys } from '../app/keys.ts';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { IconButton } from '../ui/button.tsx';
import { deleteLater } from '../ui/delete-later.ts';
import { longestMemory } from './longest-memory.ts';
import { TextForm } from './text-form.tsx';

export const deletionKey = (id: number) => `memory ${id}`;

export function MemoryRow({ memory }: { readonly memory: Memory }) {
  const text = useText();
  const contentId = useId();
  const row = useRef<HTMLLIElement>(null);
  const [draft, setDraft] = useState<string | null>(null);

  const closing = useRef(false);

  // The field that had the focus is gone.
  useEffect(() => {
    if (draft === null && closing.current) row.current?.querySelector('button')?.focus();
    closing.current = false;
  }, [draft]);

  function close(): void {
    closing.current = true;
    setDraft(null);
  }

  async function save(): Promise<void> {
    const changed = await changeMemory(memory.id, draft!.trim());
    change((all) => all.map((one) => (one.id === memory.id ? changed : one)));
    close();
  }

  function remove(): void {
    deleteLater({
      key: deletionKey(memory.id),
      message: text('memories.deleted'),
      failure: text('memories.delete-failed'),
      async carryOut(options) {
        await deleteMemory(memory.id, options).catch((error: unknown) => {
          if (!(error instanceof ApiProblem && error.status === 404)) throw error;
        });
        change((all) => all.filter(({ id }) => id !== memory.id));
      },
    });
  }

  return (
    <li ref={row} className="list-none rounded-xl border border-line bg-raised py-1.5 ps-4 pe-2">
      {draft === null ? (
        <div className="flex items-start gap-1">
          <p id={contentId} dir="auto" className="m-0 min-w-0 flex-1 py-1 [overflow-wrap:anywhere] whitespace-pre-wrap">
            {memory.content}
          </p>
          <IconButton
            icon="pencil"
            size={18}
            label={text('memories.edit')}
            aria-describedby={contentId}
            onClick={() => setDraft(memory.content)}
          />
          <IconButton
            icon="trash"
            size={18}
            label={text('memories.delete')}
            aria-describedby={contentId}
            onClick={remove}
          />
        </div>
      ) : (
        <div className="py-1.5 pe-2">
          <TextForm
            label={text('memories.memory')}
            value={draft}
            onChange={setDraft}
            limit={longestMemory}
            rows={1}
            saveLabel={text('save')}
            savable={draft.trim() !== '' && draft !== memory.content}
            onSave={save}
            onCancel={close}
            savesOnEnter
            focused
          />
        </div>
      )}
    </li>
  );
}

function change(how: (all: Memory[]) => Memory[]): void {
  queries.setQueryData<Memory[]>(keys.memories, (all) => all && how(all));
}
