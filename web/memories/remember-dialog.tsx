/** The dialog in which a message, or a part of it, becomes a memory. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addMemory, readSettings } from '../api/memories.ts';
import { keys } from '../app/keys.ts';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { showToast } from '../ui/toast.tsx';
import { longestMemory } from './longest-memory.ts';
import { TextForm } from './text-form.tsx';

export function RememberDialog({ content, onClose }: { readonly content: string; readonly onClose: () => void }) {
  const text = useText();
  const { data: settings } = useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => readSettings(signal) });
  const [value, setValue] = useState(() => [...content.trim()].slice(0, longestMemory).join('').trim());

  async function save(): Promise<void> {
    await addMemory(value.trim());
    void queries.invalidateQueries({ queryKey: keys.memories });
    onClose();
    showToast({ message: text('remember.done') });
  }

  return (
    <Dialog title={text('remember')} onClose={onClose}>
      <p className="m-0 mb-4 text-soft">
        {text(settings?.memory_enabled === false ? 'remember.off' : 'remember.text')}
      </p>
      <TextForm
        label={text('memories.memory')}
        value={value}
        onChange={setValue}
        limit={longestMemory}
        rows={3}
        saveLabel={text('save')}
        savable={value.trim() !== ''}
        onSave={save}
        onCancel={onClose}
        savesOnEnter
      />
    </Dialog>
  );
}
