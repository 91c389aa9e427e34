/** Reads `/metrics` as Prometheus does. */
import { request } from '../client.ts';

export interface Scrape {
  /** Names of all series, including `_bucket`, `_sum` and `_count` of histograms. */
  readonly names: ReadonlySet<string>;
  /** Names of labels, by series. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
  /** The value of a series, named as in the text (`name` or `name{label="x"}`); null when it does not exist. */
  value(series: string): number | null;
}

export async function scrape(url: string): Promise<Scrape> {
  const { body } = await request('GET', `${url}/metrics`);
  return readExposition(body as string);
}

const typeLine = /^# TYPE (\S+) (\S+)$/;
const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

/** Reads the text exposition format, as far as prom-client writes it. */
function readExposition(text: string): Scrape {
  const names = new Set<string>();
  const labels = new Map<string, Set<string>>();
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, typed, type] = typeLine.exec(line) ?? [];
    if (typed !== undefined) for (const name of seriesOf(typed, type!)) names.add(name);
    const [, name, labelText, value] = sampleLine.exec(line) ?? [];
    if (name === undefined) continue;
    names.add(name);
    const known = labels.get(name) ?? new Set();
    labels.set(name, known);
    for (const [, label] of (labelText ?? '').matchAll(/(\w+)="/g)) known.add(label!);
    values.set(labelText === undefined ? name : `${name}{${labelText}}`, Number(value));
  }
  return { names, labels, value: (series) => values.get(series) ?? null };
}

/** The series of a histogram without observations, which are not in the text yet. */
function seriesOf(name: string, type: string): string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}
