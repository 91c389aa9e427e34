/** The logo: Pollux, large and orange, with Castor beside it. */

export function Mark({ size = 28, thinking = false }: { readonly size?: number; readonly thinking?: boolean }) {
  return (
    <svg
      className={thinking ? 'mark-thinking overflow-visible' : undefined}
      width={size}
      height={size}
      viewBox="0 0 32 32"
      fill="none"
      aria-hidden="true"
    >
      {!thinking && <path d="M9.5 22.5 20 11" className="stroke-faint/60" strokeWidth="1.25" />}
      <circle cx="20.5" cy="10.5" r="7" className="fill-ember" />
      <circle cx="8.5" cy="23.5" r="4" className="mark-small fill-sky" />
    </svg>
  );
}
