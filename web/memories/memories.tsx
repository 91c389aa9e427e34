/** The memories of the account: whether they are used, a form for another one, and the list, newest first. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Memory, UserSettings } from '../../contract/memories.ts';
import { addMemory, changeSettings, listMemories, readSettings } from '../api/memories.ts';
import { keys } from '../app/keys.ts';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { Choice } from '../settings/choice.tsx';
import { useIsBeingDeleted } from '../ui/delete-later.ts';
import { LoadState } from '../ui/load-state.tsx';
import { showToast } from '../ui/toast.tsx';
import { longestMemory } from './longest-memory.ts';
import { MemoryRow, deletionKey } from './memory-row.tsx';
import { TextForm } from './text-form.tsx';

export function Memories() {
  const text = useText();
  const settings = useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => readSettings(signal) });
  const memories = useQuery({ queryKey: keys.memories, queryFn: ({ signal }) => listMemories(signal) });
  const isBeingDeleted = useIsBeingDeleted();
  const shown = memories.data?.filter(({ id }) => !isBeingDeleted(deletionKey(id))).toReversed();

  async function use(on: boolean): Promise<void> {
    const before = queries.getQueryData<UserSettings>(keys.settings);
    queries.setQueryData<UserSettings>(keys.settings, (now) => now && { ...now, memory_enabled: on });
    try {
      queries.setQueryData(keys.settings, await changeSettings({ memory_enabled: on }));
    } catch {
      queries.setQueryData(keys.settings, before);
      showToast({ message: text('settings.failed') });
    }
  }

  return (
    <section className="grid gap-3">
      <h2 className="m-0 text-[16px]">{text('memories')}</h2>
      {settings.data && (
        <Choice
          label={text('memories.use')}
          hint={text('memories.use-hint')}
          checked={settings.data.memory_enabled}
          onChange={(on) => void use(on)}
        />
      )}
      <NewMemory />
      {shown === undefined && <LoadState queries={[memories]} />}
      {shown?.length === 0 && <p className="m-0 text-[14px] text-faint">{text('memories.none')}</p>}
      {shown !== undefined && shown.length > 0 && (
        <ul aria-label={text('memories')} className="m-0 grid gap-2 p-0">
          {shown.map((memory) => (
            <MemoryRow key={memory.id} memory={memory} />
          ))}
        </ul>
      )}
    </section>
  );
}

function NewMemory() {
  const text = useText();
  const [content, setContent] = useState('');

  async function add(): Promise<void> {
    const memory = await addMemory(content.trim());
    // Its event may have come first.
    queries.setQueryData<Memory[]>(
      keys.memories,
      (now) => now && [...now.filter(({ id }) => id !== memory.id), memory],
    );
    setContent('');
  }

  return (
    <TextForm
      label={text('memories.new')}
      value={content}
      onChange={setContent}
      limit={longestMemory}
      rows={1}
      saveLabel={text('memories.add')}
      savable={content.trim() !== ''}
      onSave={add}
      savesOnEnter
    />
  );
}
