/** A push subscription of a browser that does not exist. */
import { createECDH, randomBytes } from 'node:crypto';

export function newSubscription(path = randomBytes(9).toString('base64url')) {
  return {
    endpoint: `https://push.example.net/${path}`,
    keys: {
      p256dh: createECDH('prime256v1').generateKeys('base64url'),
      auth: randomBytes(16).toString('base64url'),
    },
  };
}
