/** The page for unknown addresses. */
import { Link } from '@tanstack/react-router';
import { useText } from '../languages/text.ts';
import { Mark } from '../ui/mark.tsx';
import { usePageTitle } from './page-title.ts';

export function NotFound() {
  const text = useText();
  usePageTitle(text('not-found.title'));
  return (
    <main className="mx-auto grid h-full max-w-md content-center gap-3 p-6">
      <Mark size={44} />
      <h1 className="text-[30px]">{text('not-found.title')}</h1>
      <p className="text-soft">{text('not-found.text')}</p>
      <Link to="/" className="text-ember-ink underline underline-offset-2">
        {text('not-found.back')}
      </Link>
    </main>
  );
}
