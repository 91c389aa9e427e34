/** Settings of who may call, and whom to believe about where a call comes from. */
import { BlockList, isIP } from 'node:net';
import type { Reader } from './reader.ts';

/** Origins browsers may call from, without trailing slash; `*` for any. */
export function parseOrigins(read: Reader): string[] {
  const origins = read.list('CORS_ORIGINS').map((origin) => origin.replace(/\/$/, ''));
  for (const origin of origins) {
    const valid = origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin);
    if (!valid) read.complain(`CORS_ORIGINS must list origins such as https://app.example.com; "${origin}" is none.`);
  }
  return origins;
}

/** Addresses and CIDRs of proxies whose `X-Forwarded-For` is believed. */
export function parseProxies(read: Reader): string[] {
  const proxies = read.list('TRUSTED_PROXIES');
  for (const proxy of proxies) {
    if (!isAddressRange(proxy))
      read.complain(`TRUSTED_PROXIES must list addresses or CIDRs such as 10.0.0.0/8; "${proxy}" is none.`);
  }
  return proxies;
}

function isAddressRange(range: string): boolean {
  const [address = '', bits, ...rest] = range.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  try {
    new BlockList().addSubnet(address, /^\d+$/.test(bits) ? Number(bits) : Number.NaN, version === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}
