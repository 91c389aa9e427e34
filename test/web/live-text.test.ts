/** Streamed text is shown evenly, frame by frame, and completely in the end. */
import { expect, it, vi } from 'vitest';
import { liveText } from '../../web/live/live-text.ts';

/** A page whose frames the test controls. */
function stage() {
  let frames: (() => void)[] = [];
  const display = {
    visible: true,
    isVisible: () => display.visible,
    beforeNextFrame: (callback: () => void) => void frames.push(callback),
  };
  const nextFrame = () => {
    const due = frames;
    frames = [];
    for (const callback of due) callback();
    return due.length > 0;
  };
  return { display, nextFrame, live: liveText(display) };
}

it('shows a delta over several frames, each extending the previous one', () => {
  const { live, nextFrame } = stage();
  const text = 'word '.repeat(40);
  live.append(1, 1, 0, text);
  const seen: string[] = [];
  for (let frame = 0; frame < 20; frame += 1) {
    nextFrame();
    seen.push(live.read(1)!.text);
  }
  expect(seen[0]!.length).toBeGreaterThan(0);
  expect(seen[0]!.length).toBeLessThan(text.length / 2);
  for (const shown of seen) expect(text.startsWith(shown)).toBe(true);
  expect(seen.at(-1)).toBe(text);
  expect(nextFrame()).toBe(false);
});

it('keeps up with text that arrives faster than it is shown', () => {
  const { live, nextFrame } = stage();
  let offset = 0;
  for (let frame = 0; frame < 200; frame += 1) {
    live.append(1, 1, offset, 'x'.repeat(500));
    offset += 500;
    nextFrame();
  }
  expect(offset - live.read(1)!.text.length).toBeLessThan(2500);
});

it('never shows half a character', () => {
  const { live, nextFrame } = stage();
  live.append(1, 1, 0, `a${'\u{1f600}'.repeat(100)}`);
  for (let frame = 0; frame < 30; frame += 1) {
    nextFrame();
    expect(live.read(1)!.text.isWellFormed()).toBe(true);
  }
  expect(live.read(1)!.text).toHaveLength(201);
});

it('shows text that was read over HTTP at once', () => {
  const { live } = stage();
  live.replace(1, 1, 'x'.repeat(1000));
  expect(live.read(1)!.text).toHaveLength(1000);
});

it('shows all text in a hidden tab, which gets no frames', () => {
  vi.useFakeTimers();
  try {
    const { display, live, nextFrame } = stage();
    display.visible = false;
    live.append(1, 1, 0, 'x'.repeat(1000));
    vi.advanceTimersByTime(300);
    expect(live.read(1)!.text).toHaveLength(1000);
    expect(nextFrame()).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
