/** The cache in this process. */
import { LRUCache } from 'lru-cache';
import type { Cache } from '../../ports/cache.ts';

const maxEntries = 10_000;

/** Loads of one key that began after its last `forget`; only they may store their result. */
interface Lease {
  loads: number;
}

/** Keeps the most recently used entries in memory. */
export function memoryCache(): Cache {
  const kept = new LRUCache<string, string>({ max: maxEntries, ttl: 1, ttlResolution: 0 });
  const leases = new Map<string, Lease>();

  function borrow(key: string): Lease {
    const lease = leases.get(key) ?? { loads: 0 };
    leases.set(key, lease);
    lease.loads += 1;
    return lease;
  }

  function release(key: string, lease: Lease): void {
    lease.loads -= 1;
    if (lease.loads === 0 && leases.get(key) === lease) leases.delete(key);
  }

  return {
    async remember(key, ttlMs, load) {
      const hit = kept.get(key);
      if (hit !== undefined) return hit;
      const lease = borrow(key);
      try {
        const text = await load();
        if (leases.get(key) === lease) kept.set(key, text, { ttl: ttlMs });
        return text;
      } finally {
        release(key, lease);
      }
    },
    async forget(key) {
      leases.delete(key);
      kept.delete(key);
    },
    async check() {},
    async [Symbol.asyncDispose]() {
      kept.clear();
    },
  };
}
