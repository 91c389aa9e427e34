/** What counts as one client address. */
import { parseAddress } from '../http/client-address.ts';

/**
 * An IPv4 address as it is; an IPv6 address by its /64, which a single customer gets whole. Whatever is no address is
 * one client, so that nobody gets a limit of their own by making one up.
 */
export function clientRange(written: string): string {
  const address = parseAddress(written);
  if (address === null) return 'unknown';
  if (address.family === 'ipv4') return address.text;
  const network = address.groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}
