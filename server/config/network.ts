/** Network settings: listen address, CORS, trusted proxies, trace collector. */
import { BlockList, isIP } from 'node:net';
import type { Reader } from './reader.ts';

/** The address to listen on. */
export function parseHost(read: Reader): string {
  const host = read.string('HOST');
  if (isIP(host) === 0 && !/^[\w.-]+$/.test(host)) {
    read.complain('HOST must be an address such as 127.0.0.1 or 0.0.0.0 alone; the port goes to PORT.');
  }
  return host;
}

/** Allowed CORS origins; `*` allows all. */
export function parseOrigins(read: Reader): string[] {
  const origins = read.list('CORS_ORIGINS').map((origin) => origin.replace(/\/$/, ''));
  for (const origin of origins) {
    if (origin === '*' || isOrigin(origin)) continue;
    const meant = originOf(origin.includes('://') ? origin : `https://${origin}`);
    const hint = meant === null ? '' : `; write ${meant}`;
    read.complain(`CORS_ORIGINS must list origins such as https://app.example.com; "${origin}" is none${hint}.`);
  }
  return origins;
}

function isOrigin(text: string): boolean {
  return originOf(text) === text;
}

/** The origin of an http or https URL without wildcards; null for anything else. */
function originOf(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const { origin, hostname } = new URL(text);
  return hostname.includes('*') ? null : origin;
}

/** The shortest accepted prefixes. The largest private networks are 10.0.0.0/8 and fc00::/7. */
const shortestPrefix = { ipv4: 8, ipv6: 7, ipv4InIpv6: 96 + 8 };

/** Addresses and CIDRs of proxies whose `X-Forwarded-For` is trusted. */
export function parseProxies(read: Reader): string[] {
  const proxies = read.list('TRUSTED_PROXIES');
  for (const proxy of proxies) {
    if (!isAddressRange(proxy)) {
      read.complain(`TRUSTED_PROXIES must list addresses or CIDRs such as 10.0.0.0/8; "${proxy}" is none.`);
    } else if (isTooWide(proxy)) {
      read.complain(
        `TRUSTED_PROXIES must not hold a range as wide as ${proxy}: whoever is in it can claim any address. List your proxies alone.`,
      );
    }
  }
  return proxies;
}

function isTooWide(range: string): boolean {
  const [address = '', bits] = range.split('/');
  if (bits === undefined) return false;
  const kind = isIP(address) === 4 ? 'ipv4' : /^::ffff:/i.test(address) ? 'ipv4InIpv6' : 'ipv6';
  return Number(bits) < shortestPrefix[kind];
}

/** URL of the trace collector; null = no traces. */
export function parseCollector(read: Reader): string | null {
  const url = read.webAddress('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (url === null) return null;
  if (url.endsWith('/v1/traces')) {
    read.complain('OTEL_EXPORTER_OTLP_ENDPOINT must end before /v1/traces, which is appended to it.');
  }
  if (new URL(url).port === '4317') {
    read.complain(
      'OTEL_EXPORTER_OTLP_ENDPOINT must be the OTLP/HTTP port of the collector, usually 4318; 4317 speaks gRPC.',
    );
  }
  return url;
}

function isAddressRange(range: string): boolean {
  const [address = '', bits, ...rest] = range.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return false;
  if (bits === undefined) return true;
  try {
    new BlockList().addSubnet(address, /^\d+$/.test(bits) ? Number(bits) : Number.NaN, version === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}
