/** A demo model for use without a Gemini key: it says so, and streams like a real one. */
import { setTimeout as delay } from 'node:timers/promises';
import { textOf, type Model } from '../../ports/model.ts';

export interface DemoSettings {
  readonly id?: string;
  readonly contextTokens?: number;
  /** Between two words; 20–40 ms by default. */
  readonly delayMs?: number;
}

/** Answers any question with an explanation of itself and sample Markdown, so that a client's rendering can be checked. */
export function demoModel({ id = 'demo', delayMs, contextTokens = 32_000 }: DemoSettings = {}): Model {
  return {
    id,
    contextTokens,
    isDemo: true,
    async *stream({ turns }, signal) {
      signal.throwIfAborted();
      const last = turns.at(-1);
      const question = last ? textOf(last) : '';
      for (const word of demoAnswer(question, turns.length).split(/(?<=\s)(?=\S)/)) {
        await delay(delayMs ?? 20 + Math.random() * 20, undefined, { signal }).catch(() => signal.throwIfAborted());
        yield { type: 'text', text: word };
        signal.throwIfAborted();
      }
      yield { type: 'end', truncated: false };
    },
  };
}

function demoAnswer(question: string, turnCount: number): string {
  const sample = samples[sampleFor(question)] ?? '';
  const place = turnCount > 1 ? `This is turn ${turnCount} of our conversation. ` : '';
  return `I am the **demo model**, not Gemini. ${place}You asked:

> ${quote(question)}

I cannot answer that, but this is how an answer will look:

${sample}

Set \`GEMINI_API_KEY\` and start again, and Gemini answers in my place.`;
}

/** The beginning of the question on one line, with Markdown escaped. */
function quote(question: string): string {
  const line = question
    .replaceAll(/[\s\0]+/g, ' ')
    .trim()
    .toWellFormed();
  const characters = Array.from(line);
  const beginning = characters.length <= 80 ? line : `${characters.slice(0, 80).join('').trimEnd()}…`;
  return beginning.replaceAll(/[\\`*_[\]<>|#~$]/g, String.raw`\$&`);
}

function sampleFor(question: string): number {
  if (/\b(code|function|program|script)\b|```/i.test(question)) return 0;
  let sum = 0;
  for (const character of question) sum += character.codePointAt(0) ?? 0;
  return sum % samples.length;
}

const samples = [
  `A block of code, with some \`inline code\` before it:

\`\`\`ts
export function greet(name: string): string {
  return \`Hello, \${name}!\`;
}
\`\`\``,
  `1. **First**, a list with numbers,
2. *then* a second entry,
   - with one below it,
   - and another,
3. and a [link](https://ai.google.dev/gemini-api/docs) to end with.`,
  `### A table

| Mountain | Continent | Height |
|---|---|---:|
| Kilimanjaro | Africa | 5,895 m |
| Aconcagua | South America | 6,961 m |
| Everest | Asia | 8,849 m |

And a short list:

- one thing,
- another thing.`,
];
