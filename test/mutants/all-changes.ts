/** Every deliberate change, by the part of the product that it breaks. */
import type { Change } from './change.ts';
import { accountChanges } from './deliberate/accounts.ts';
import { backgroundChanges } from './deliberate/background.ts';
import { costChanges } from './deliberate/costs.ts';
import { eventChanges } from './deliberate/events.ts';
import { fileChanges } from './deliberate/files.ts';
import { httpChanges } from './deliberate/http.ts';
import { messageChanges } from './deliberate/messages.ts';
import { quotaChanges } from './deliberate/quotas.ts';
import { replyChanges } from './deliberate/replies.ts';
import { watchingChanges } from './deliberate/watching.ts';

export const changes: readonly Change[] = [
  ...accountChanges,
  ...messageChanges,
  ...quotaChanges,
  ...fileChanges,
  ...costChanges,
  ...replyChanges,
  ...eventChanges,
  ...httpChanges,
  ...watchingChanges,
  ...backgroundChanges,
];
