/** The button that chooses files; on touch screens also takes a photo. */
import { useRef } from 'react';
import { useText } from '../languages/text.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';

const hasCamera = matchMedia('(pointer: coarse)').matches;

export function AddFiles({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const text = useText();
  const chooser = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);

  function take(input: HTMLInputElement): void {
    onFiles([...(input.files ?? [])]);
    // The same file can be chosen again.
    input.value = '';
  }

  const hidden = { type: 'file', hidden: true, tabIndex: -1, 'aria-hidden': true } as const;
  return (
    <>
      <input ref={chooser} {...hidden} multiple onChange={(event) => take(event.currentTarget)} />
      {hasCamera ? (
        <>
          <input
            ref={camera}
            {...hidden}
            accept="image/*"
            capture="environment"
            onChange={(event) => take(event.currentTarget)}
          />
          <Menu
            label={text('files.add')}
            side="above"
            align="start"
            className="grid size-10 place-items-center rounded-[10px] text-soft"
            items={[
              { label: text('files.choose'), onSelect: () => chooser.current?.click() },
              { label: text('files.photo'), onSelect: () => camera.current?.click() },
            ]}
          >
            <Icon name="clip" />
          </Menu>
        </>
      ) : (
        <IconButton icon="clip" label={text('files.add')} onClick={() => chooser.current?.click()} />
      )}
    </>
  );
}
