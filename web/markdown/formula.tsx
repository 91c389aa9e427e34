/** A formula as MathML, rendered by a library that is loaded on demand. */
import { useEffect, useRef } from 'react';

export function Formula({ tex, display }: { readonly tex: string; readonly display: boolean }) {
  const element = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    let gone = false;
    void import('./draw-formula.ts').then(({ drawFormula }) => {
      if (!gone && element.current) drawFormula(tex, element.current, display);
    });
    return () => {
      gone = true;
    };
  }, [tex, display]);

  // The source is shown until it is rendered, or if it cannot be.
  return (
    <span
      ref={element}
      dir="ltr"
      className={display ? 'block overflow-x-auto overflow-y-hidden py-1 text-center' : undefined}
    >
      {tex}
    </span>
  );
}
