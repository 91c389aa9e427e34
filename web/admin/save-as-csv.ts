/** Saves a table as a file of comma-separated values (RFC 4180). */

/** Cells that begin so are formulas to spreadsheets. */
const formula = /^[=+\-@\t\r]/;

/** The first row is the heads. */
export function saveAsCsv(name: string, rows: readonly (readonly (string | number)[])[]): void {
  const csv = rows.map((row) => row.map(cellOf).join(',')).join('\r\n');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function cellOf(value: string | number): string {
  const words = typeof value === 'string' && formula.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
}
