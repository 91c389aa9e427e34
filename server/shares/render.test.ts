/** Rendering has limits of time, size and waiting, and does not block others. */
import { describe, expect, it } from 'vitest';
import { plainToHtml } from './plain-text.ts';
import { markdownRenderer, renderLimits } from './render.ts';

/** Threads are slow to start on a busy machine. */
const patient = { ...renderLimits, withinMs: 60_000 };

describe('markdownRenderer', () => {
  it('renders each text', async () => {
    const render = markdownRenderer(patient);
    expect(await render(['*a*', 'b'])).toEqual({
      html: ['<p dir="auto"><em>a</em></p>', '<p dir="auto">b</p>'],
      final: true,
    });
  });

  it('shows text that is nested too deeply unrendered, and renders others', async () => {
    const { html } = await markdownRenderer(patient)(['>'.repeat(32_000), '*a*']);
    expect(html).toEqual([plainToHtml('>'.repeat(32_000)), '<p dir="auto"><em>a</em></p>']);
  });

  it('stops rendering text that takes too long, and does not block the event loop', async () => {
    const render = markdownRenderer({ ...renderLimits, withinMs: 1000 });
    const hostile = Array.from({ length: 30 }, () => '*a**b'.repeat(6000));
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 10);
    const started = performance.now();
    const { html, final } = await render(hostile);
    clearInterval(ticking);
    expect(html[0]).toBe(plainToHtml(hostile[0]!));
    expect(final).toBe(true);
    // Rendering all of it takes minutes.
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(turns).toBeGreaterThan(5);
  });

  it('shows text that would become too much HTML unrendered', async () => {
    const { html } = await markdownRenderer({ ...patient, longest: 100 })(['*a* '.repeat(20)]);
    expect(html).toEqual([plainToHtml('*a* '.repeat(20))]);
  });

  it('bounds the wait of others', async () => {
    const render = markdownRenderer({ ...patient, waiting: 1 });
    const all = await Promise.all([render(['*a*']), render(['*b*']), render(['*c*'])]);
    expect(all.map(({ final }) => final)).toEqual([true, true, false]);
    expect(await render(['*d*'])).toMatchObject({ final: true });
  });
});
