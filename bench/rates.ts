/** Compares how many requests a second two servers answer, and what CPU time each request costs them. */
import type { Bed, Server } from './bed.ts';
import type { Line } from './line.ts';
import { thousands } from './line.ts';
import type { HttpReport, HttpTask } from './load/http.ts';
import { ratios, spreadOf, takeTurns, withCpu } from './measure.ts';

export interface Rate {
  readonly rate: number;
  /** CPU time of the server per request, in microseconds. */
  readonly cpuUs: number;
  /** Part of one core that server and generator used. */
  readonly serverBusy: number;
  readonly loadBusy: number;
}

export interface Loaded {
  readonly server: Server;
  readonly requests: readonly string[];
  readonly connections?: number;
  /** Length of a turn; by default that of the scale. */
  readonly seconds?: number;
  /** Runs before each turn. */
  readonly before?: () => Promise<void>;
}

/** One turn of load on one server. */
export async function measureRate(bed: Bed, loaded: Loaded): Promise<Rate> {
  const { server, requests, connections = 64, seconds = bed.scale.seconds } = loaded;
  await loaded.before?.();
  const task: HttpTask = {
    port: Number(new URL(server.url).port),
    requests,
    connections,
    warmUpSeconds: seconds / 4,
    seconds,
  };
  const { cpuSeconds, result } = await withCpu(server.child, async () => (await bed.load('http', task)) as HttpReport);
  if (result.refused > 0) throw new Error(`${server.url} refused ${result.refused} requests`);
  if (result.rate === 0) throw new Error(`${server.url} answered nothing`);
  // The warm-up runs at the same rate, and the clock ticks before it.
  const measuredSeconds = task.seconds + task.warmUpSeconds;
  return {
    rate: result.rate,
    cpuUs: (cpuSeconds / (result.rate * measuredSeconds)) * 1e6,
    serverBusy: cpuSeconds / measuredSeconds,
    loadBusy: result.busy,
  };
}

/** Alternates both sides; the first turn of each is discarded, because the compiler warms up. */
export async function compareRates<Side extends string>(
  bed: Bed,
  sides: Readonly<Record<Side, Loaded>>,
): Promise<Record<Side, Rate[]>> {
  const names = Object.keys(sides) as Side[];
  for (const name of names) await measureRate(bed, sides[name]);
  const turns = Object.fromEntries(names.map((name) => [name, () => measureRate(bed, sides[name])]));
  return takeTurns(bed.scale.rounds, turns as Record<Side, () => Promise<Rate>>);
}

/** The line of a comparison whose goal is a share of the bare rate. */
export function rateLine(
  name: string,
  ours: readonly Rate[],
  bare: readonly Rate[],
  { least, note = '' }: { least: number | null; note?: string },
): Line {
  const ratio = ratios(ours.map(rateOf), bare.map(rateOf));
  const cpu = (rates: readonly Rate[]) => spreadOf(rates.map((rate) => rate.cpuUs)).median.toFixed(0);
  const busy = (pick: (rate: Rate) => number) => Math.round(spreadOf([...ours, ...bare].map(pick)).median * 100);
  return {
    name,
    ours: `${thousands(spreadOf(ours.map(rateOf)).median)}/s`,
    bare: `${thousands(spreadOf(bare.map(rateOf)).median)}/s`,
    ratio,
    goal: least === null ? '' : `≥ ${least.toFixed(2)}`,
    met: least === null ? null : ratio.median >= least,
    note:
      `CPU a request ${cpu(ours)} µs, bare ${cpu(bare)} µs; servers used ${busy((rate) => rate.serverBusy)} % of a core, ` +
      `the load generator ${busy((rate) => rate.loadBusy)} %. ${note}`.trimEnd(),
  };
}

export function rateOf({ rate }: Rate): number {
  return rate;
}

/** A serialized HTTP request. */
export function rawRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const all = { host: 'bench', ...headers, ...(text && { 'content-type': 'application/json' }) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = text && `content-length: ${Buffer.byteLength(text)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${text}`;
}

/** A serialized upload (RFC 7578) of one file, whose content is ASCII. */
export function rawForm(
  path: string,
  headers: Readonly<Record<string, string>>,
  { name, content }: { readonly name: string; readonly content: string },
): string {
  const type = 'application/octet-stream';
  const part = `content-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: ${type}`;
  const body = `--bench\r\n${part}\r\n\r\n${content}\r\n--bench--\r\n`;
  const form = { 'content-type': 'multipart/form-data; boundary=bench', 'content-length': String(body.length) };
  return rawRequest('POST', path, { ...headers, ...form }) + body;
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
