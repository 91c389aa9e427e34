/** The numbers of the charts, newest day first. */
import type { UsageDay } from '../../contract/usage.ts';
import { locale, useText } from '../languages/text.ts';

export function UsageTable({ days }: { readonly days: readonly UsageDay[] }) {
  const text = useText();
  const date = new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(locale());
  const heads = [text('usage.messages'), text('usage.read'), text('usage.written')];
  return (
    <details>
      <summary className="min-h-8 cursor-pointer py-1 font-semibold">{text('usage.table')}</summary>
      <div className="overflow-x-auto">
        <table className="tabular w-full border-collapse text-[14px]">
          <thead>
            <tr className="border-b border-line">
              <th scope="col" className="py-2 pe-3 text-start font-semibold">
                {text('usage.day')}
              </th>
              {heads.map((head) => (
                <th key={head} scope="col" className="px-3 py-2 text-end font-semibold">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((day) => (
              <tr key={day.date} className="border-b border-line">
                <th scope="row" className="py-1.5 pe-3 text-start font-normal whitespace-nowrap">
                  {date.format(new Date(day.date))}
                </th>
                {[day.messages, day.prompt_tokens, day.answer_tokens].map((value, index) => (
                  <td key={heads[index]} className="px-3 py-1.5 text-end text-soft">
                    {number.format(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
