/** Records SMS instead of sending them, so that tests can read the codes. */
import type { Sms } from '../../server/ports/sms.ts';

export interface SmsBox {
  readonly sms: Sms;
  /** Codes sent to this number, oldest first. */
  codesTo(number: string): readonly string[];
  readonly total: number;
}

export function smsBox(): SmsBox {
  const sent: { to: string; code: string }[] = [];
  return {
    sms: {
      label: 'box',
      send: async (to, text) => void sent.push({ to, code: /\b\d{6}\b/.exec(text)?.[0] ?? '' }),
    },
    codesTo: (number) => sent.filter(({ to }) => to === number).map(({ code }) => code),
    get total() {
      return sent.length;
    },
  };
}
