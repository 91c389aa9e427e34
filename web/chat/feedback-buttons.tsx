/** Rates an answer: good or bad; pressing a rating again removes it. */
import { useParams } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Message, Rating } from '../../contract/messages.ts';
import { rateReply } from '../api/messages.ts';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { changeMessage } from '../live/message-cache.ts';
import { IconButton } from '../ui/button.tsx';
import { showToast } from '../ui/toast.tsx';

/** Ratings are saved one after another, so that the last one is kept. */
let saved: Promise<void> = Promise.resolve();

export function FeedbackButtons({ message: { id, feedback } }: { readonly message: Message }) {
  const text = useText();
  const { roomId } = useParams({ from: '/inside/c/$roomId' });
  /** Shown until it is saved, regardless of events about earlier ratings. */
  const [chosen, setChosen] = useState<{ readonly rating: Rating | null } | null>(null);
  const last = useRef(chosen);
  const shown = chosen === null ? feedback : chosen.rating;

  function choose(rating: Rating | null): void {
    const choice = { rating };
    last.current = choice;
    setChosen(choice);
    saved = saved.then(async () => {
      try {
        await rateReply(Number(roomId), id, rating);
        changeMessage(queries, Number(roomId), id, { feedback: rating });
      } catch {
        showToast({ message: text('feedback.failed') });
      }
      if (last.current === choice) setChosen(null);
    });
  }

  const button = (value: Rating, icon: 'good' | 'bad', label: string) => (
    <IconButton
      icon={icon}
      size={18}
      label={label}
      aria-pressed={shown === value}
      onClick={() => choose(shown === value ? null : value)}
      className="aria-pressed:text-ink aria-pressed:[&_path]:fill-current"
    />
  );
  return (
    <>
      {button('up', 'good', text('feedback.good'))}
      {button('down', 'bad', text('feedback.bad'))}
    </>
  );
}
