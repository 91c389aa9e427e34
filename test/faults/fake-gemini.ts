/** The fake Gemini in a separate process, so that it responds while this one is busy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../guard.ts';
import type { Behaviour } from '../fakes/gemini-behaviour.ts';
import type { RecordedRequest, Reported } from '../fakes/gemini-journal.ts';

const entry = fileURLToPath(new URL('../fakes/gemini-server.ts', import.meta.url));

const kept = 20_000;

export interface CountedCall {
  readonly question: string;
  readonly reported: Reported | null;
  readonly refused: boolean;
}

export interface GeminiProcess extends AsyncDisposable {
  readonly url: string;
  /** The newest requests, oldest first. */
  requests(): Promise<readonly RecordedRequest[]>;
  /** What was counted for each of them. */
  calls(): Promise<readonly CountedCall[]>;
  /** The default answer, for requests without an instruction. */
  usually(behaviour: Behaviour): Promise<void>;
  clear(): Promise<void>;
}

/** Starts a fake that keeps the newest requests. `launcher` is a command that runs its arguments. */
export async function startGemini(launcher: readonly string[] = []): Promise<GeminiProcess> {
  const [command, ...args] = [...launcher, process.execPath, entry, '--keep', String(kept)];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithUs(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const control = async (name: string, body?: unknown) => {
    await fetch(`${url}/_control/${name}`, { method: 'POST', body: body === undefined ? null : JSON.stringify(body) });
  };
  return {
    url,
    async requests() {
      const response = await fetch(`${url}/_control/requests`);
      return (await response.json()) as RecordedRequest[];
    },
    async calls() {
      return (await (await fetch(`${url}/_control/calls`)).json()) as CountedCall[];
    },
    usually: (behaviour) => control('usual', behaviour),
    clear: () => control('clear'),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
