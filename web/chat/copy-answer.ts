/** Copies an answer as Markdown and as rich text. */

/** `rendered` is the rendered answer; null if only its Markdown is available. */
export async function copyAnswer(markdown: string, rendered: Element | null): Promise<void> {
  if (rendered === null || !('ClipboardItem' in globalThis)) return navigator.clipboard.writeText(markdown);
  const item = new ClipboardItem({
    'text/plain': new Blob([markdown], { type: 'text/plain' }),
    'text/html': new Blob([richTextOf(rendered)], { type: 'text/html' }),
  });
  await navigator.clipboard.write([item]);
}

/** The elements without buttons, classes and `dir`. */
function richTextOf(rendered: Element): string {
  const copy = rendered.cloneNode(true) as Element;
  for (const button of copy.querySelectorAll('button')) button.remove();
  for (const element of copy.querySelectorAll('*')) {
    for (const name of element.getAttributeNames()) {
      // Links within the page do not work elsewhere.
      if (name !== 'href' || element.getAttribute(name)?.startsWith('#')) element.removeAttribute(name);
    }
  }
  return copy.innerHTML;
}
