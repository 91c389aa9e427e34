/** A question, outlined, on its own side, below its files. */
import { lazy, Suspense } from 'react';
import type { Attachment } from '../../contract/attachments.ts';

/** Loaded on demand. */
const Attachments = lazy(async () => ({ default: (await import('../files/attachments.tsx')).Attachments }));

export function Question({
  content,
  attachments,
}: {
  readonly content: string;
  readonly attachments: readonly Attachment[];
}) {
  return (
    <>
      {attachments.length > 0 && (
        <Suspense fallback={<div className="h-24" />}>
          <Attachments attachments={attachments} />
        </Suspense>
      )}
      {content !== '' && <Words content={content} />}
    </>
  );
}

function Words({ content }: { readonly content: string }) {
  return (
    <div className="flex justify-end">
      <div
        dir="auto"
        className="max-w-[85%] rounded-[18px] rounded-ee-[5px] border border-line bg-raised px-4 py-2.5 [overflow-wrap:anywhere] whitespace-pre-wrap"
      >
        {content}
      </div>
    </div>
  );
}
