/** Focus for a field that appears while the page is in use, where `autofocus` does nothing: browsers follow it once a page. */

/** A ref: focuses the element when it appears. */
export function focusAtOnce(element: HTMLElement | null): void {
  element?.focus();
}
