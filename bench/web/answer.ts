/** The model's answer in the browser rows: Markdown with every element that is expensive to render. */

const prose =
  'Fermentation slows down sharply below **24 °C**, and many recipes are written for *26 °C*; see `bulkHours` and ' +
  '[a table of temperatures](https://example.com/temperatures) for what that means in a cold kitchen. ';

/** A section of about 1,900 characters. */
function section(number: number): string {
  return `## Part ${number}: what the dough needs

${prose.repeat(2)}

- The starter has doubled, at its peak, and floats.
- The water is **warm**, the flour is not.
  - Rye takes more of it than wheat.
- A degree changes the time by a tenth, since $t = t_0 \\cdot 2^{(T_0 - T)/8}$.

| Dough | Bulk | Look for |
|---|---:|---|
| 20 °C | 9–11 h | 50 % larger, domed edge |
| 24 °C | 6–7 h | 50 % larger, bubbles at the side |
| 27 °C | 4–5 h | 40 % larger, it moves when shaken |

\`\`\`ts
export function bulkHours${number}(doughCelsius: number): number {
  // Seven hours at 24 °C, twice as fast every 8 °C.
  const factor = 2 ** ((24 - doughCelsius) / 8);
  if (!Number.isFinite(factor)) throw new RangeError(\`no temperature: \${doughCelsius}\`);
  return Math.round(7 * factor * 10) / 10;
}
\`\`\`

$$
\\int_0^{h} 2^{\\frac{T(t) - 24}{8}} \\, dt = \\sum_{i=1}^{n} \\frac{w_i}{\\sqrt{1 + x_i^2}}
$$

\`\`\`python
def bulk_hours(celsius: float) -> float:
    """Seven hours at 24 °C."""
    return round(7 * 2 ** ((24 - celsius) / 8), 1)
\`\`\`

> ${prose}

1. Weigh what it is made of.
2. Measure the dough, not the room, and write down when.

`;
}

/** Markdown of exactly this many characters. */
export function markdown(characters: number): string {
  let text = '';
  for (let number = 1; text.length < characters; number += 1) text += section(number);
  return text.slice(0, characters);
}

/** An answer of the fake vendor that sends `text` in pieces of this many characters. */
export function inPieces(text: string, { characters, everyMs }: { characters: number; everyMs: number }) {
  const count = Math.ceil(text.length / characters);
  const parts = Array.from({ length: count }, (_, at) => ({
    text: text.slice(at * characters, (at + 1) * characters),
  }));
  return { kind: 'answer', parts, delayMs: everyMs } as const;
}
