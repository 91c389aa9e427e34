/** Arrows between the versions of a question or an answer. Nothing for a message with one version. */
import { useEffect, useRef } from 'react';
import type { Message } from '../../contract/messages.ts';
import { useText } from '../languages/text.ts';
import { IconButton } from '../ui/button.tsx';

/** The arrow used last (the place of its button): its version gets the focus back, since another turn replaces the focused one. */
let used: { readonly id: number; readonly button: number } | null = null;

export function Versions({
  message: { id, versions },
  onChoose,
}: {
  readonly message: Message;
  /** Shows the path through another version. */
  readonly onChoose: (messageId: number) => void;
}) {
  const text = useText();
  const arrows = useRef<HTMLDivElement>(null);
  const [index, count] = [versions.indexOf(id), versions.length];

  useEffect(() => {
    if (used?.id !== id) return;
    const { button } = used;
    used = null;
    arrows.current?.querySelectorAll('button')[button]?.focus({ preventScroll: true });
  }, [id]);

  if (count < 2) return null;
  const arrow = (icon: 'previous' | 'next', label: string, target: number | undefined) => (
    // A disabled button would lose the focus at the last version.
    <IconButton
      icon={icon}
      size={16}
      label={label}
      aria-disabled={target === undefined}
      onClick={() => {
        if (target === undefined) return;
        used = { id: target, button: icon === 'previous' ? 0 : 1 };
        onChoose(target);
      }}
      className="aria-disabled:opacity-40 rtl:-scale-x-100"
    />
  );
  return (
    <div ref={arrows} className="tabular flex items-center text-[14px]">
      {arrow('previous', text('version.previous'), versions[index - 1])}
      <span dir="ltr">
        {index + 1} / {count}
      </span>
      {arrow('next', text('version.next'), versions[index + 1])}
    </div>
  );
}
