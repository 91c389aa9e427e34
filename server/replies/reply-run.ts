/** One reply being generated: its text, what was published of it, and how to stop it. */
import type { FeedEvent } from '../../contract/events.ts';
import type { Feed } from '../ports/feed.ts';
import { tickMs, type DeltaClock } from './delta-clock.ts';
import type { Claim } from './claim-store.ts';
import type { ModelCall } from './model-call.ts';

/**
 * Why a run ends before the model is done: cancelled by the user, taken over by another worker, past its deadline, or shutdown.
 */
export type StopReason = 'cancelled' | 'lost' | 'deadline' | 'shutdown';

class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`the reply was stopped: ${reason}`);
    this.reason = reason;
  }
}

export interface Run {
  readonly claim: Claim;
  readonly signal: AbortSignal;
  readonly text: string;
  /** The call to the model; null until it is made. */
  call: ModelCall | null;
  /** Tokens of the prompt as estimated; null until it is read. */
  promptEstimate: number | null;
  /** Length of the text at the last checkpoint. */
  checkpointed: number;
  /** Adds text and publishes it: at once after a pause, otherwise at the clock's next tick. */
  append(text: string): void;
  /** Publishes unpublished text. */
  flush(): void;
  publish(event: FeedEvent): void;
  stop(reason: StopReason): void;
  /** Time since the claim. */
  ageMs(): number;
  /** Null unless it was stopped. */
  readonly stopped: StopReason | null;
  /** Releases the timer. */
  end(): void;
}

export function startRun(claim: Claim, feed: Feed, clock: DeltaClock): Run {
  const controller = new AbortController();
  const startedAt = Date.now();
  const deadline = setTimeout(() => controller.abort(new Stopped('deadline')), Math.max(0, claim.leftMs));
  let text = '';
  let published = 0;
  let publishedAt = 0;

  function publish(event: FeedEvent): void {
    feed.publish(claim.userId, [event]);
  }

  function flush(): void {
    if (published === text.length) return;
    publish({
      type: 'reply.delta',
      chatroom_id: claim.roomId,
      message_id: claim.id,
      attempt: claim.epoch,
      offset: published,
      text: text.slice(published),
    });
    published = text.length;
    publishedAt = Date.now();
  }

  return {
    claim,
    signal: controller.signal,
    call: null,
    promptEstimate: null,
    checkpointed: 0,
    get text() {
      return text;
    },
    get stopped() {
      const { reason } = controller.signal;
      return reason instanceof Stopped ? reason.reason : null;
    },
    append(more) {
      text += more;
      if (Date.now() - publishedAt >= tickMs) flush();
      else clock.atNextTick(flush);
    },
    flush,
    publish,
    ageMs: () => Date.now() - startedAt,
    stop: (reason) => controller.abort(new Stopped(reason)),
    end() {
      clearTimeout(deadline);
    },
  };
}
