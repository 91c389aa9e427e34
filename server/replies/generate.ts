/** Generates one claimed reply: reads the prompt, streams the answer, settles the outcome. */
import type { FailureCode } from '../../contract/messages.ts';
import type { Models } from '../models/models.ts';
import { DatabaseUnavailable } from '../ports/database.ts';
import { ModelError } from '../ports/model.ts';
import type { Storage } from '../ports/storage.ts';
import type { TraceSpan, Tracing } from '../ports/tracing.ts';
import { mostAttempts, retryDelayMs } from './backoff.ts';
import type { Claim } from './claim-store.ts';
import type { ReplyMeter, Settlement } from './meter.ts';
import { noteMissingModel } from './missing-model.ts';
import type { PlannedPrompt } from './prompt.ts';
import type { Run } from './reply-run.ts';
import { outcomeOfStop, settle, type AfterReply, type Outcome, type SettleDeps } from './settle.ts';
import { modelCall } from './model-call.ts';
import { pauseFleet } from './pause-fleet.ts';
import { isSummaryDue, summaryDue } from './summary.ts';
import { isTitleDue, titleDue } from './title.ts';
import { cutToBytes } from './tokens.ts';

export interface GenerateDeps extends SettleDeps {
  readonly storage: Storage;
  readonly models: Models;
  readonly meter: ReplyMeter;
  readonly tracing: Tracing;
}

/** Reads what the question of a claim is sent with. */
export type ReadPrompt = (claim: Claim) => Promise<PlannedPrompt>;

/** Resolves once the outcome is written, or the reply belongs to another worker. */
export async function generateReply(deps: GenerateDeps, run: Run, read: ReadPrompt): Promise<Settlement> {
  const { id, epoch, trace } = run.claim;
  const span = deps.tracing.start('generate reply', 'consumer', trace, {
    'pollux.reply_id': id,
    'pollux.attempt': epoch,
  });
  let settlement: Settlement = 'lost';
  try {
    settlement = await attemptAndSettle(deps, run, read, span);
    return settlement;
  } finally {
    run.end();
    span.end({ 'pollux.outcome': settlement });
    deps.meter.settled(settlement, run.ageMs() / 1000);
  }
}

async function attemptAndSettle(deps: GenerateDeps, run: Run, read: ReadPrompt, span: TraceSpan): Promise<Settlement> {
  try {
    const outcome = await attempt(deps, run, read, span);
    run.flush();
    span.event('last delta');
    return await settle(deps, run, outcome);
  } catch (error) {
    return settle(deps, run, defect(deps, run, error));
  }
}

async function attempt(deps: GenerateDeps, run: Run, read: ReadPrompt, parent: TraceSpan): Promise<Outcome> {
  const { id, roomId, epoch, model, fallbackFrom } = run.claim;
  const started = { chatroom_id: roomId, message_id: id, attempt: epoch, model, fallback_from: fallbackFrom };
  run.publish({ type: 'reply.started', ...started });
  let next: readonly AfterReply[] = [];
  try {
    const planned = await read(run.claim);
    next = titleDueAfter(planned);
    return await stream(deps, run, planned, parent);
  } catch (error) {
    if (run.stopped === 'cancelled' && run.text !== '') return { ...outcomeOfStop.cancelled, next };
    if (run.stopped !== null) return outcomeOfStop[run.stopped];
    if (error instanceof ModelError) return outcomeOfFailure(deps, run, error);
    if (!(error instanceof DatabaseUnavailable)) throw error;
    // The prompt could not be read; the model was not called.
    const trouble = { mayTryAgain: true, retryAfterMs: null, counted: false } as const;
    return againOrFailed(deps, run, { ...trouble, code: 'timed_out', err: error });
  }
}

/** A bug, which the same question would trigger again, so it is not retried. */
function defect({ meter, log }: GenerateDeps, run: Run, error: unknown): Outcome {
  const { id, epoch } = run.claim;
  meter.modelFailed('internal_error');
  log.error({ reply_id: id, attempt: epoch, err: error }, 'a reply failed because of a bug');
  return { kind: 'failed', code: 'internal_error' };
}

/** Well above the model's answer limit; bounds memory if a vendor ignores that. */
const mostAnswerBytes = 512 * 1024;

async function stream(
  { models, catalog, meter, tracing }: GenerateDeps,
  run: Run,
  planned: PlannedPrompt,
  parent: TraceSpan,
): Promise<Outcome> {
  const { prompt, estimate, factor } = planned;
  const model = models.of(run.claim.model);
  const asked = run.claim.fallbackFrom ?? model.id;
  run.promptEstimate = Math.round(estimate * factor);
  run.call = modelCall(catalog.models, { model: model.id, asked, estimate: run.promptEstimate });
  const span = tracing.start(`stream ${model.id}`, 'client', parent.traceparent);
  try {
    let truncated = false;
    let leftBytes = mostAnswerBytes;
    for await (const part of model.stream(prompt, run.signal)) {
      if (part.type === 'text') {
        if (run.text === '') {
          meter.firstToken(run.ageMs() / 1000);
          run.call.began(run.ageMs());
          span.event('first token');
        }
        const text = cutToBytes(part.text, leftBytes);
        run.append(text);
        leftBytes -= Buffer.byteLength(text);
        if (text.length === part.text.length) continue;
        truncated = true;
        break;
      } else if (part.type === 'usage') run.call.note(part);
      else truncated = part.truncated;
    }
    const summary = !model.isDemo && isSummaryDue(planned.sinceSummary, run.text) ? [summaryDue] : [];
    const next = [...summary, ...titleDueAfter(planned)];
    const counted = run.call.counted?.usage.promptTokens;
    const promptTokens = counted === undefined ? null : { counted, estimated: estimate };
    return { kind: 'finished', status: 'complete', truncated, promptTokens, next };
  } finally {
    span.end();
  }
}

function titleDueAfter({ roomIsUnnamed, sinceSummary }: PlannedPrompt): AfterReply[] {
  return isTitleDue(roomIsUnnamed, sinceSummary) ? [titleDue] : [];
}

async function outcomeOfFailure(deps: GenerateDeps, run: Run, failure: ModelError): Promise<Outcome> {
  const { code, transient, retryAfterMs } = failure;
  deps.meter.modelFailed(code);
  if (failure.isRefusal) run.call?.refuse();
  if (code === 'model_not_found') {
    await noteMissingModel(deps, run.claim.model);
    return { kind: 'failed', code };
  }
  if (retryAfterMs !== null) await pauseFleet(deps, run.claim.model, retryAfterMs);
  const mayTryAgain = transient && run.claim.attempts < mostAttempts;
  return againOrFailed(deps, run, { code, err: failure, mayTryAgain, retryAfterMs, counted: true });
}

interface Trouble {
  readonly code: FailureCode;
  readonly err: Error;
  readonly mayTryAgain: boolean;
  readonly retryAfterMs: number | null;
  /** The model was called. */
  readonly counted: boolean;
}

function againOrFailed({ log }: GenerateDeps, run: Run, trouble: Trouble): Outcome {
  const { id, epoch, attempts, leftMs } = run.claim;
  const { code, err, mayTryAgain, retryAfterMs, counted } = trouble;
  const delayMs = retryDelayMs(attempts, retryAfterMs);
  const known = { reply_id: id, attempt: epoch, code, err };
  // A retry after the deadline would only delay the failure.
  if (!mayTryAgain || delayMs >= leftMs - run.ageMs()) {
    log.warn(known, 'an attempt failed, not retried');
    return { kind: 'failed', code };
  }
  log.warn({ ...known, delay_ms: Math.round(delayMs) }, 'an attempt failed, will be retried');
  return { kind: 'again', delayMs, counted };
}
