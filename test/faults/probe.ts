/** Proves that work continues: asks a question and measures the time until its answer is stored. */
import { signInUsers, type Person } from './crowd.ts';
import { exchange, oddRefusal } from './exchange.ts';
import type { Stage } from './stage.ts';
import { pause, until } from './waiting.ts';

export interface Probe {
  /** Returns the seconds from the first try to the stored answer; rejects after a minute, or on an unexpected answer. */
  ask(): Promise<number>;
}

const timeoutMs = 60_000;
const chunks = 3;

/** Signs in a user for probes. All probes use one room, so that each is a single request. */
export async function openProbe({ sql }: Stage, url: string): Promise<Probe> {
  const [person] = (await signInUsers(url, 1, 1)) as [Person];
  let number = 0;

  async function post(content: string): Promise<number | null> {
    const { rooms, token } = person;
    const answer = await exchange('POST', `${url}/chatroom/${rooms[0]}/message`, { body: { content }, token });
    if (answer?.status === 202) return answer.body.reply.id;
    const odd = answer === null ? null : oddRefusal(answer);
    if (odd !== null) throw new Error(`the probe was answered ${odd}`);
    return null;
  }

  return {
    async ask() {
      const startedAt = performance.now();
      let id = await post(`Probe ${++number} [[chunks:${chunks}]]`);
      while (id === null) {
        if (performance.now() - startedAt > timeoutMs) throw new Error('the probe was not accepted within 60 s');
        await pause(100);
        id = await post(`Probe ${++number} [[chunks:${chunks}]]`);
      }
      await until('the probe is answered', timeoutMs, async () => {
        const rows = await sql(`select from replies where message_id = $1 and status = 'complete'`, [id]);
        return rows.length > 0;
      });
      return (performance.now() - startedAt) / 1000;
    },
  };
}

/** The status of `/health/ready`; `unreachable` without an answer. */
export async function readiness(url: string): Promise<string> {
  const answer = await exchange('GET', `${url}/health/ready`, { timeoutMs: 5000 });
  if (answer === null) return 'unreachable';
  return answer.status === 200 ? answer.body.status : `refused ${answer.status}`;
}
