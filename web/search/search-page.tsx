/** Search over all chats. The query is in the URL; hits link to their message, in its branch. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { PageHeader } from '../app/page-header.tsx';
import { useText } from '../languages/text.ts';
import { Icon } from '../ui/icon.tsx';
import { Hits } from './hits.tsx';

/** Typing pauses for this long before a search. */
const pauseMs = 250;
/** The server's limit. */
const longest = 200;

export function SearchPage() {
  const text = useText();
  const navigate = useNavigate();
  const { q: asked = '' } = useSearch({ from: '/inside/search' });
  const [typed, setTyped] = useState(asked);
  const field = useRef<HTMLInputElement>(null);
  const words = asked.trim();

  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    if (typed === asked) return;
    const timer = setTimeout(() => {
      void navigate({ to: '/search', search: typed === '' ? {} : { q: typed }, replace: true });
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [typed, asked, navigate]);

  return (
    <>
      <PageHeader title={text('search')} />
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
        <div className="mx-auto w-full max-w-[760px] px-4 pb-10 sm:px-6">
          <search className="sticky top-0 z-10 block bg-paper pt-2 pb-3">
            <label className="flex min-h-12 items-center gap-3 rounded-[14px] border border-line bg-raised ps-4 pe-2 text-faint has-[input:focus-visible]:border-faint">
              <Icon name="search" />
              <input
                ref={field}
                type="search"
                dir="auto"
                maxLength={longest}
                aria-label={text('search.field')}
                placeholder={text('search.field')}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                className="min-w-0 flex-1 bg-transparent py-2 text-[16px] text-ink shadow-none! outline-none!"
              />
            </label>
          </search>
          {words === '' ? (
            <p className="m-0 px-2 text-[14px] text-faint">{text('search.hint')}</p>
          ) : (
            <Hits words={words} />
          )}
        </div>
      </div>
    </>
  );
}
