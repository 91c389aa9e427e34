/** A hit of a search: where it is, and the text around it with the matches marked. */
import { Link } from '@tanstack/react-router';
import type { SearchHit } from '../../contract/search.ts';
import { locale, useText } from '../languages/text.ts';
import { partsOf } from './parts-of.ts';

export function HitRow({ hit }: { readonly hit: SearchHit }) {
  const text = useText();
  const written = new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(hit.created_at));
  return (
    <li>
      <Link
        to="/c/$roomId"
        params={{ roomId: String(hit.chatroom_id) }}
        search={{ message: hit.message_id }}
        preload={false}
        className="block rounded-[14px] px-4 py-3 hover:bg-sunk"
      >
        <span className="flex items-baseline gap-3">
          <span dir="auto" className="min-w-0 flex-1 truncate text-start font-semibold">
            {hit.chatroom_name}
          </span>
          <span className="shrink-0 text-[13px] text-faint">
            {text(hit.is_from_user ? 'you' : 'model')} · <time dateTime={hit.created_at}>{written}</time>
          </span>
        </span>
        <span dir="auto" className="mt-0.5 block text-[14.5px] [overflow-wrap:anywhere] text-soft">
          {partsOf(hit).map(({ words, marked, start }) =>
            marked ? (
              <mark key={start} className="rounded-[3px] bg-ember-wash font-semibold text-ember-ink">
                {words}
              </mark>
            ) : (
              words
            ),
          )}
        </span>
      </Link>
    </li>
  );
}
