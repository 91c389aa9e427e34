/** Remembers a message, or the part of it that is selected. */
import { lazy, Suspense, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { useText } from '../languages/text.ts';
import { IconButton } from '../ui/button.tsx';

const RememberDialog = lazy(async () => ({
  default: (await import('../memories/remember-dialog.tsx')).RememberDialog,
}));

export function RememberButton({ content }: { readonly content: string }) {
  const text = useText();
  const [remembering, setRemembering] = useState<string | null>(null);
  /** A press may clear the selection before the click. */
  const pressed = useRef('');
  return (
    <>
      <IconButton
        icon="bookmark"
        size={18}
        label={text('remember')}
        onPointerDown={(event) => (pressed.current = selectedIn(event.currentTarget))}
        onClick={(event) => {
          setRemembering(pressed.current || selectedIn(event.currentTarget) || content);
          pressed.current = '';
        }}
      />
      {/* Outside of the actions, which are dimmed. */}
      {remembering !== null &&
        createPortal(
          <Suspense>
            <RememberDialog content={remembering} onClose={() => setRemembering(null)} />
          </Suspense>,
          document.body,
        )}
    </>
  );
}

/** The selected text, if all of it is in the message of this button. */
function selectedIn(button: Element): string {
  const selection = getSelection();
  const message = button.closest('article');
  if (!selection || selection.isCollapsed || !message?.contains(selection.getRangeAt(0).commonAncestorContainer))
    return '';
  return selection.toString().trim();
}
