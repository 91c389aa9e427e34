/** Placeholder while content is loading or could not be loaded. */
import type { UseQueryResult } from '@tanstack/react-query';
import { useText } from '../languages/text.ts';
import { Button } from './button.tsx';
import { Mark } from './mark.tsx';

type Loading = Pick<UseQueryResult, 'isError' | 'refetch'>;

export function LoadState({ queries }: { readonly queries: readonly Loading[] }) {
  const text = useText();
  const failed = queries.filter(({ isError }) => isError);
  if (failed.length === 0) {
    return (
      <div role="status" className="grid flex-1 place-items-center">
        <Mark size={32} thinking />
        <span className="sr-only">{text('loading')}</span>
      </div>
    );
  }
  return (
    <div role="alert" className="grid flex-1 content-center justify-items-center gap-3 p-6 text-center text-soft">
      {text('load.failed')}
      <Button onClick={() => failed.forEach(({ refetch }) => void refetch())}>{text('notice.retry')}</Button>
    </div>
  );
}
