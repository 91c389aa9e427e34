/** Parses addresses as proxies write them: with a port, in brackets, IPv4-mapped, or invalid. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** A port after an IPv4 address or a bracketed IPv6 address. Without brackets the last group of IPv6 is not a port. */
const withPort = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([^\]]+)\])(?::\d+)?$/;

export type Address =
  | { readonly family: 'ipv4'; readonly text: string }
  | { readonly family: 'ipv6'; readonly text: string; readonly groups: readonly number[] };

/** Parses an address. An IPv4-mapped IPv6 address is returned as IPv4. Null if invalid. */
export function parseAddress(written: string): Address | null {
  const [, ipv4, bracketed] = withPort.exec(written.trim()) ?? [];
  const text = (ipv4 ?? bracketed ?? written.trim()).replace(/%.*$/, '');
  if (isIPv4(text)) return { family: 'ipv4', text };
  if (!isIPv6(text)) return null;
  const groups = groupsOf(text);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? { family: 'ipv4', text: dotted(groups[6]!, groups[7]!) } : { family: 'ipv6', text, groups };
}

/** Whether an address is in one of these addresses and CIDRs, which must be valid. */
export function addressesIn(ranges: readonly string[]): (written: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [text = '', bits] = range.split('/');
    const address = parseAddress(text);
    if (address === null) throw new Error(`"${range}" is no range of addresses`);
    const longest = address.family === 'ipv4' ? 32 : 128;
    // An IPv4-mapped range has a prefix of 96 bits before the IPv4 part.
    const inIpv6 = address.family === 'ipv4' && text.includes(':');
    const prefix = bits === undefined ? longest : Number(bits) - (inIpv6 ? 96 : 0);
    list.addSubnet(address.text, prefix, address.family);
  }
  return (written) => {
    const address = parseAddress(written);
    return address !== null && list.check(address.text, address.family);
  };
}

function groupsOf(ipv6: string): number[] {
  const [head = '', tail] = ipv6.split('::', 2);
  const [front, back] = [head, tail ?? ''].map(groupsIn) as [number[], number[]];
  const zeros = Array<number>(tail === undefined ? 0 : 8 - front.length - back.length).fill(0);
  return [...front, ...zeros, ...back];
}

/** A dotted quad at the end counts as two groups (RFC 4291, section 2.2). */
function groupsIn(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a, b, c, d] = group.split('.').map(Number) as [number, number, number, number];
    return [a * 256 + b, c * 256 + d];
  });
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
