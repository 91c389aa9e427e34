/** Puts an answer on the clipboard twice: as Markdown for editors, as rich text for everything else. */

/** `rendered` is the answer as it is shown; null where only its Markdown is known. */
export async function copyAnswer(markdown: string, rendered: Element | null): Promise<void> {
  if (rendered === null || !('ClipboardItem' in globalThis)) return navigator.clipboard.writeText(markdown);
  const item = new ClipboardItem({
    'text/plain': new Blob([markdown], { type: 'text/plain' }),
    'text/html': new Blob([richTextOf(rendered)], { type: 'text/html' }),
  });
  await navigator.clipboard.write([item]);
}

/** The elements without what is only for this page: buttons, classes, directions of its own. */
function richTextOf(rendered: Element): string {
  const copy = rendered.cloneNode(true) as Element;
  for (const button of copy.querySelectorAll('button')) button.remove();
  for (const element of copy.querySelectorAll('*')) {
    for (const name of element.getAttributeNames()) {
      // What leads to a place on this page leads nowhere elsewhere.
      if (name !== 'href' || element.getAttribute(name)?.startsWith('#')) element.removeAttribute(name);
    }
  }
  return copy.innerHTML;
}
