/** Instructions for every chat; unsaved text is kept as a draft. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { changeSettings, readSettings } from '../api/memories.ts';
import { keys } from '../app/keys.ts';
import { queries } from '../app/queries.ts';
import { keepDraft, readDraft } from '../chat/drafts.ts';
import { useText } from '../languages/text.ts';
import { LoadState } from '../ui/load-state.tsx';
import { showToast } from '../ui/toast.tsx';
import { TextForm } from './text-form.tsx';

const longestCodePoints = 4000;

export function Instructions() {
  const text = useText();
  const query = useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => readSettings(signal) });
  const [draft, setDraft] = useState<string | null>(() => readDraft('instructions') || null);
  if (query.data === undefined) return <LoadState queries={[query]} />;
  const saved = query.data.instructions ?? '';
  const value = draft ?? saved;

  function change(next: string | null): void {
    setDraft(next);
    keepDraft('instructions', next ?? '');
  }

  async function save(): Promise<void> {
    const instructions = value.trim() === '' ? null : value;
    queries.setQueryData(keys.settings, await changeSettings({ instructions }));
    // Text typed meanwhile stays.
    setDraft((current) => (current === value ? null : current));
    if (readDraft('instructions') === value) keepDraft('instructions', '');
    showToast({ message: text('settings.saved') });
  }

  return (
    <TextForm
      label={text('settings.instructions')}
      hint={text('settings.instructions-hint')}
      value={value}
      onChange={change}
      limit={longestCodePoints}
      rows={4}
      saveLabel={text('save')}
      savable={value !== saved}
      onSave={save}
      onCancel={value === saved ? undefined : () => change(null)}
    />
  );
}
