/** Scrolls to an element of a list whose rows are measured once they are near. */

/** Frames in which it has to keep its place. */
const restingFrames = 4;
/** Upper limit of the wait. */
const longestMs = 1500;

/** Scrolls to the element inside `root` once it is rendered, focuses it and marks it; returns a function that stops that. */
export function bringIntoView(root: HTMLElement, selector: string): () => void {
  const until = performance.now() + longestMs;
  let place = Number.NaN;
  let resting = 0;

  function look(): void {
    const element = root.querySelector<HTMLElement>(selector);
    if (element) {
      const tall = element.offsetHeight > innerHeight / 2;
      element.scrollIntoView({ block: tall ? 'start' : 'center' });
      const { top } = element.getBoundingClientRect();
      resting = Math.abs(top - place) < 1 ? resting + 1 : 0;
      place = top;
    }
    if (element && (resting >= restingFrames || performance.now() > until)) {
      element.focus({ preventScroll: true });
      element.classList.add('found');
    } else if (performance.now() < until) frame = requestAnimationFrame(look);
  }

  let frame = requestAnimationFrame(look);
  return () => cancelAnimationFrame(frame);
}
