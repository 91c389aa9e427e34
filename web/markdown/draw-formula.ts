/** Renders TeX as MathML with DOM calls only, which the content security policy allows. */
import temml from 'temml';
import 'temml/dist/Temml-Local.css';

/** Keeps the source if it cannot be rendered. */
export function drawFormula(tex: string, element: HTMLElement, displayMode: boolean): void {
  try {
    temml.render(tex, element, { displayMode, throwOnError: true, trust: false, maxExpand: 200, maxSize: [20, 200] });
  } catch {
    element.textContent = tex;
  }
}
