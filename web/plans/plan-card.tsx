/** A plan: name, price, limits and actions. */
import type { ReactNode } from 'react';

export function PlanCard({
  name,
  price,
  per,
  points,
  strong = false,
  children,
}: {
  readonly name: string;
  readonly price: string;
  /** The period a price is for. */
  readonly per?: string;
  readonly points: readonly string[];
  readonly strong?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <section
      className={`flex flex-col rounded-[22px] border bg-raised p-6 ${strong ? 'border-ember ring-4 ring-ember/18' : 'border-line'}`}
    >
      <h2 className="m-0 text-[19px]">{name}</h2>
      <p className="m-0 my-3 flex flex-wrap items-baseline gap-x-2 text-[30px] leading-tight font-[650] tracking-[-0.03em]">
        <bdi dir="ltr">{price}</bdi>
        {per !== undefined && <span className="text-[15.5px] font-normal tracking-normal text-soft">{per}</span>}
      </p>
      <ul className="m-0 mb-5 grid flex-1 content-start gap-2.5 p-0">
        {points.map((point) => (
          <li key={point} className="flex list-none items-baseline gap-2.5 text-soft">
            <span aria-hidden="true" className="size-1.5 shrink-0 -translate-y-0.5 rounded-full bg-ember" />
            {point}
          </li>
        ))}
      </ul>
      <div className="grid gap-2">{children}</div>
    </section>
  );
}
