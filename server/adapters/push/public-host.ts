/** Which hosts are public: requests go where people say, and must not reach anything of the operator's network. */
import { Resolver } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Special-purpose addresses by RFC 6890 and the IANA registries; what is not global unicast in IPv6 is refused as a whole. */
const ranges4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Of global unicast: those that lead elsewhere, such as 6to4 into IPv4, and documentation. */
const ranges6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '5f00::/16'];

const special = listOf(ranges4, 'ipv4');
const special6 = listOf(ranges6, 'ipv6');
const global6 = listOf(['2000::/3'], 'ipv6');

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split('/');
    list.addSubnet(address!, Number(bits), family);
  }
  return list;
}

/** True for addresses that anybody on the internet can reach. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !special.check(address, 'ipv4');
  return version === 6 && global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
}

/**
 * Asks name servers without the threads of `dns.lookup`, which a slow name server could occupy, and without the hosts file,
 * which names only private hosts.
 */
const answerWithinMs = 3000;
const resolver = () => new Resolver({ timeout: 1000, tries: 2 });

/** All addresses of a name; empty if it cannot be resolved. */
async function addressesOf(name: string): Promise<string[]> {
  const ask = resolver();
  const late = setTimeout(() => ask.cancel(), answerWithinMs);
  const found = await Promise.allSettled([ask.resolve4(name), ask.resolve6(name)]);
  clearTimeout(late);
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
}

/** A name that resolves to public addresses alone, or cannot be resolved now; not an address, and not of a private zone. */
export async function isPublicHost(host: string): Promise<boolean> {
  if (!isPublicName(host)) return false;
  return (await addressesOf(host)).every(isPublicAddress);
}

/** Zones that no public name server answers for (RFC 6761, RFC 6762, RFC 8375 and ICANN's `internal`). */
const privateZone = /(^|\.)(localhost|local|internal|home\.arpa|lan|test|invalid|onion)\.?$/i;

function isPublicName(host: string): boolean {
  // In brackets: an IPv6 address.
  return host.includes('.') && isIP(host) === 0 && !host.startsWith('[') && !privateZone.test(host);
}

/** `lookup` for connections: fails unless all addresses are public, so that a name cannot change between check and use. */
export const lookUpPublic: LookupFunction = (host, options, done) => void lookUp(host, options.all === true, done);

async function lookUp(host: string, all: boolean, done: Parameters<LookupFunction>[2]): Promise<void> {
  const addresses = isPublicName(host) ? await addressesOf(host) : [];
  const [first] = addresses;
  if (first === undefined || !addresses.every(isPublicAddress)) {
    const refusal: NodeJS.ErrnoException = new Error('The host is not public, or cannot be resolved.');
    refusal.code = 'ENOTPUBLIC';
    done(refusal, '', 0);
  } else if (all) {
    done(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    );
  } else done(null, first, isIP(first));
}
