/** Rate limits counted in Redis; one script checks and counts all rules of a take. */
import type { Logger } from 'pino';
import type { Limits } from '../../ports/limits.ts';
import { connectRedis, defineScript, firstConnection, type RedisSettings } from '../redis/connection.ts';

/**
 * KEYS: one per rule. ARGV: per rule its limit, window in ms, and 1 to count or 0 to peek. Returns 0, or the ms until every rule
 * allows a take. Also runs while Redis is full: counts are small and expire, and sign-in depends on them.
 */
const takeLua = `#!lua flags=allow-oom
local waitMs = 0
for i, key in ipairs(KEYS) do
  local used = tonumber(redis.call('GET', key) or '0')
  if used >= tonumber(ARGV[3 * i - 2]) then
    local leftMs = redis.call('PTTL', key)
    if leftMs < 0 then leftMs = tonumber(ARGV[3 * i - 1]) end
    waitMs = math.max(waitMs, leftMs, 1)
  end
end
if waitMs > 0 then return waitMs end
for i, key in ipairs(KEYS) do
  if ARGV[3 * i] == '1' and redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[3 * i - 1]) end
end
return 0`;

/** `take` rejects within a second while Redis is unavailable. */
export async function redisLimits(settings: RedisSettings, log: Logger): Promise<Limits> {
  const link = connectRedis(settings, 'limits', log);
  const take = defineScript(link.client, 'polluxTakeLimits', takeLua);
  await firstConnection(link);
  return {
    async take(rules) {
      const keys = rules.map((rule) => `${settings.prefix}:limit:${rule.key}`);
      const bounds = rules.flatMap((rule) => [rule.limit, rule.windowMs, rule.peek ? 0 : 1]);
      const retryAfterMs = Number(await take(keys.length, ...keys, ...bounds));
      return retryAfterMs > 0 ? { allowed: false, retryAfterMs } : { allowed: true };
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}
