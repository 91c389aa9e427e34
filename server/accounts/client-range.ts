/** Groups client addresses into the networks that limits apply to. */
import { parseAddress } from '../http/client-address.ts';

/** Providers assign an IPv6 customer a /64, a /56 or a /48. */
const prefixBits = [64, 56, 48] as const;

/**
 * The networks that may all belong to the customer at this address, narrowest first: an IPv4 address alone, an IPv6
 * address by its /64, /56 and /48. All invalid addresses share one range, so that made-up ones do not evade a limit.
 */
export function clientRanges(written: string): readonly [string, ...string[]] {
  const address = parseAddress(written);
  if (address === null) return ['unknown'];
  if (address.family === 'ipv4') return [address.text];
  const [narrowest, ...wider] = prefixBits.map((bits) => prefixOf(address.groups, bits));
  return [narrowest!, ...wider];
}

function prefixOf(groups: readonly number[], bits: number): string {
  // A /56 keeps the upper byte of the fourth group.
  const network = groups
    .slice(0, 4)
    .map((group, index) => (index < 3 || bits === 64 ? group : group & (bits === 56 ? 0xff00 : 0)));
  return `${network.map((group) => group.toString(16)).join(':')}::/${bits}`;
}
