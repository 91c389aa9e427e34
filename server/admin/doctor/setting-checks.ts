/** Checks of settings that start, but are seldom meant. Impossible ones refuse to start. */
import { ok, warning, type Check, type Finding } from './finding.ts';

const subject = 'settings';

export const settingChecks: readonly Check[] = [
  {
    subject,
    otherwise: 'Report this as a bug.',
    async run({ config: { catalog, frontendUrl, production, push, sms, stripe } }) {
      const found: Finding[] = [];
      const isPublic = frontendUrl?.startsWith('https:') === true;
      if (isPublic && !production) {
        found.push(
          warning(subject, 'FRONTEND_URL is public, but NODE_ENV is not production.', 'Set NODE_ENV=production.'),
        );
      }
      if (isPublic && sms.kind === 'console') {
        found.push(
          warning(
            subject,
            'Codes are printed to the console instead of being sent.',
            'Set SMS_PROVIDER=twilio and TWILIO_*.',
          ),
        );
      }
      if (push === null) {
        found.push(
          warning(
            subject,
            'Nobody is told of answers while the page is closed: push messages are off in production without VAPID_SUBJECT.',
            'Set VAPID_SUBJECT to an address at which push services reach you, such as mailto:you@example.com.',
          ),
        );
      }
      if (catalog.models.some(({ provider }) => provider === 'demo')) {
        found.push(
          warning(subject, 'Answers come from the demo model.', 'Set GEMINI_API_KEY, or name models in CATALOG.'),
        );
      }
      if (isPublic && stripe?.secretKey.startsWith('sk_test_') === true) {
        found.push(
          warning(subject, 'Stripe is in test mode, so nobody is charged.', 'Set STRIPE_SECRET_KEY to a live key.'),
        );
      }
      return found.length > 0 ? found : [ok(subject, 'They fit together.')];
    },
  },
];
