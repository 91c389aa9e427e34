/** A plan: name, price, limits and actions. */
import type { ReactNode } from 'react';

export function PlanCard({
  name,
  prices,
  points,
  strong = false,
  children,
}: {
  readonly name: string;
  /** At least one; `per` is the period that a price is for. The first is the largest in print. */
  readonly prices: readonly { readonly amount: string; readonly per?: string }[];
  readonly points: readonly string[];
  readonly strong?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <section
      className={`flex flex-col rounded-[22px] border bg-raised p-6 ${strong ? 'border-ember ring-4 ring-ember/18' : 'border-line'}`}
    >
      <h2 className="m-0 text-[19px]">{name}</h2>
      <div className="my-3">
        {prices.map(({ amount, per }, index) => (
          <p
            key={`${amount} ${per}`}
            className={`m-0 flex flex-wrap items-baseline gap-x-2 leading-tight font-[650] ${index === 0 ? 'text-[30px] tracking-[-0.03em]' : 'text-[17px]'}`}
          >
            <bdi dir="ltr">{amount}</bdi>
            {per !== undefined && <span className="text-[15.5px] font-normal tracking-normal text-soft">{per}</span>}
          </p>
        ))}
      </div>
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
