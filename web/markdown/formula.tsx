/** A formula as MathML, drawn by a library that is loaded when the first one is met. */
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

  // What was written stands there until it is drawn, and where it cannot be.
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
