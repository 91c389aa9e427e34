/** The page after the deletion of an account. */
import { Link } from '@tanstack/react-router';
import { usePageTitle } from '../app/page-title.ts';
import { useText } from '../languages/text.ts';
import { Mark } from '../ui/mark.tsx';

export function DeletedPage() {
  const text = useText();
  usePageTitle(text('deleted.title'));
  return (
    <main className="mx-auto grid min-h-full w-full max-w-[440px] content-center gap-4 px-5 py-10">
      <Mark size={52} />
      <h1 className="m-0 text-[34px] leading-tight tracking-[-0.035em]">{text('deleted.title')}</h1>
      <p className="m-0 text-soft">{text('deleted.text')}</p>
      <Link to="/sign-in" className="justify-self-start underline underline-offset-2">
        {text('deleted.again')}
      </Link>
    </main>
  );
}
