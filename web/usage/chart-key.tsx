/** Names the lines of a chart by their colours. */
import type { ChartLine } from './usage-chart.tsx';

const dots: Readonly<Record<ChartLine['tone'], string>> = { ember: 'bg-ember', sky: 'bg-sky' };

/** The name of each line, by its colour. */
export function ChartKey({ names }: { readonly names: Readonly<Record<ChartLine['tone'], string>> }) {
  return (
    <p className="m-0 mb-2 flex flex-wrap gap-x-5 text-[14px] text-soft">
      {(['ember', 'sky'] as const).map((tone) => (
        <span key={tone} className="flex items-center gap-2">
          <span aria-hidden="true" className={`size-2.5 rounded-full ${dots[tone]}`} />
          {names[tone]}
        </span>
      ))}
    </p>
  );
}
