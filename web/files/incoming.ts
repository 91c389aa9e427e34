/** Files and long texts that are pasted or dropped into a message. */
import { useEffect, useState } from 'react';
import type { ClipboardEvent } from 'react';
import { text } from '../languages/text.ts';
import { hideToast, showToast } from '../ui/toast.tsx';
import type { FilePlace } from './attached.ts';

/** Longer text becomes a file, in UTF-16 units. */
const longTextUnits = 8000;

/** Adds files to a message; the code for it is loaded on demand. Resolves to their keys. */
export async function addFiles(place: FilePlace, files: readonly File[]): Promise<readonly string[]> {
  if (files.length === 0) return [];
  try {
    const { attach } = await import('./attach.ts');
    return attach(place, files);
  } catch {
    showToast({ message: text('notice.away') });
    return [];
  }
}

/** Takes files and long texts from the clipboard; everything else is pasted as usual. */
export function takePasted(place: FilePlace, event: ClipboardEvent<HTMLTextAreaElement>): void {
  const { clipboardData: data, currentTarget: field } = event;
  const words = data.getData('text/plain');
  // Office programs add an image of the text that was copied.
  const isImageOfText = words !== '' && data.types.includes('text/html');
  if (data.files.length > 0 && !isImageOfText) {
    event.preventDefault();
    void addFiles(place, [...data.files]);
  } else if (words.length > longTextUnits) {
    event.preventDefault();
    void addText(place, words, field);
  }
}

/** The text as a file, with an offer to paste it after all. */
async function addText(place: FilePlace, words: string, field: HTMLTextAreaElement): Promise<void> {
  const file = new File([words], text('files.pasted-name'), { type: 'text/plain' });
  const [key] = await addFiles(place, [file]);
  if (key === undefined) return insert(field, words);
  const toast = {
    message: text('files.pasted'),
    action: {
      label: text('files.paste-as-text'),
      run() {
        void import('./attach.ts').then(({ detach }) => detach(place, key));
        insert(field, words);
      },
    },
  };
  showToast(toast);
  setTimeout(() => hideToast(toast), 10_000);
}

/** At the cursor; the field's own undo takes it back. */
function insert(field: HTMLTextAreaElement, words: string): void {
  field.focus();
  field.setRangeText(words, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** True while files are dragged over the page; they can be dropped anywhere on it. */
export function useDropped(place: FilePlace): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const stopping = new AbortController();
    const options = { signal: stopping.signal };
    const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') ?? false;
    // Leaving one element enters the next: only leaving the page ends it.
    let depth = 0;
    const become = (next: number) => {
      depth = Math.max(0, next);
      setOver(depth > 0);
    };
    addEventListener('dragenter', (event) => hasFiles(event) && become(depth + 1), options);
    addEventListener('dragleave', (event) => hasFiles(event) && become(depth - 1), options);
    addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault(), options);
    addEventListener(
      'drop',
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        become(0);
        void addFiles(place, [...(event.dataTransfer?.files ?? [])]);
      },
      options,
    );
    return () => stopping.abort();
  }, [place]);
  return over;
}
