/** Sizes of files. */
import { locale } from '../languages/text.ts';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** Such as "48 kB" or "1.2 MB", in decimal units as limits are. */
export function sizeText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  const unit = units[power]!;
  const unitDisplay = unit === 'byte' ? 'long' : 'short';
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit,
    unitDisplay,
    maximumFractionDigits: power > 1 && value < 10 ? 1 : 0,
  }).format(value);
}
