/** A question, outlined, on its own side. */

export function Question({ content }: { readonly content: string }) {
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
