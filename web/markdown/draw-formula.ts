/** Draws TeX as MathML through DOM calls alone, which the page's policy allows. */
import temml from 'temml';
import 'temml/dist/Temml-Local.css';

/** Leaves the source where it cannot be drawn. */
export function drawFormula(tex: string, element: HTMLElement, displayMode: boolean): void {
  try {
    temml.render(tex, element, { displayMode, throwOnError: true, trust: false, maxExpand: 200, maxSize: [20, 200] });
  } catch {
    element.textContent = tex;
  }
}
