/** The explicit list of scenarios, in the order of the promises. */
import type { Scenario } from './scenario.ts';
import { accountRates } from './scenarios/account-rates.ts';
import { accepting } from './scenarios/accepting.ts';
import { killedWorkers, sleepingWorkers } from './scenarios/answering.ts';
import { costs } from './scenarios/costs.ts';
import { diskFull } from './scenarios/disk-full.ts';
import { embedded } from './scenarios/embedded.ts';
import { databaseLoss } from './scenarios/database-loss.ts';
import { errors } from './scenarios/errors.ts';
import { embeddedFeedFlood, feedFlood } from './scenarios/feed-flood.ts';
import { fleetPause } from './scenarios/fleet-pause.ts';
import { machines } from './scenarios/machines.ts';
import { modelFaults } from './scenarios/model-faults.ts';
import { fairness } from './scenarios/fairness.ts';
import { planTurns } from './scenarios/plan-turns.ts';
import { push } from './scenarios/push.ts';
import { poison } from './scenarios/poison.ts';
import { refusedPrompts } from './scenarios/refused-prompts.ts';
import { overload } from './scenarios/overload.ts';
import { idempotency, quota } from './scenarios/quota.ts';
import { shutdown } from './scenarios/shutdown.ts';
import { signInAttack } from './scenarios/sign-in-attack.ts';
import { start } from './scenarios/start.ts';
import { tokens } from './scenarios/tokens.ts';
import { redisLosses } from './scenarios/redis-loss.ts';
import { socket } from './scenarios/socket.ts';
import { socketFrames } from './scenarios/socket-frames.ts';
import { slowReaders } from './scenarios/slow-reader.ts';
import { streaming } from './scenarios/streaming.ts';
import { storedText } from './scenarios/stored-text.ts';
import { blockedWorkers, takeover } from './scenarios/takeover.ts';
import { unreadPages } from './scenarios/unread-pages.ts';
import { uploads } from './scenarios/uploads.ts';
import { upgrade } from './scenarios/upgrade.ts';

export const scenarios: readonly Scenario[] = [
  accepting,
  killedWorkers,
  sleepingWorkers,
  takeover,
  blockedWorkers,
  costs,
  machines,
  ...redisLosses,
  databaseLoss,
  modelFaults,
  fleetPause,
  streaming,
  socket,
  socketFrames,
  slowReaders,
  unreadPages,
  uploads,
  accountRates,
  feedFlood,
  embeddedFeedFlood,
  shutdown,
  upgrade,
  push,
  overload,
  quota,
  idempotency,
  errors,
  tokens,
  signInAttack,
  start,
  fairness,
  embedded,
  diskFull,
  storedText,
  poison,
  refusedPrompts,
  planTurns,
];
