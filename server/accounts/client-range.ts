/** What counts as one client address. */
import { parseAddress } from '../http/client-address.ts';

/** An IPv6 customer may hold a /64, a /56 or a whole /48. */
const prefixBits = [64, 56, 48] as const;

/**
 * The networks an address may be one customer's of, narrowest first: an IPv4 address as it is, an IPv6 address by its
 * /64, /56 and /48. Whatever is no address is one client, so that nobody gets a limit of their own by making one up.
 */
export function clientRanges(written: string): readonly [string, ...string[]] {
  const address = parseAddress(written);
  if (address === null) return ['unknown'];
  if (address.family === 'ipv4') return [address.text];
  const [narrowest, ...wider] = prefixBits.map((bits) => prefixOf(address.groups, bits));
  return [narrowest!, ...wider];
}

function prefixOf(groups: readonly number[], bits: number): string {
  // Of the fourth group a /56 keeps the upper half.
  const network = groups
    .slice(0, 4)
    .map((group, index) => (index < 3 || bits === 64 ? group : group & (bits === 56 ? 0xff00 : 0)));
  return `${network.map((group) => group.toString(16)).join(':')}::/${bits}`;
}
