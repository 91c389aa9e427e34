/** Style of the pages that the server renders itself. Colours are those of the web client (`web/theme/tokens.css`), which a test compares. */

export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(oklch(98.6% 0.006 85), oklch(19.5% 0.018 278));
  --raised: light-dark(#fff, oklch(23.5% 0.02 278));
  --sunk: light-dark(oklch(96.4% 0.008 85), oklch(16.8% 0.017 278));
  --line: light-dark(oklch(91% 0.01 85), oklch(30% 0.02 278));
  --ink: light-dark(oklch(24% 0.02 275), oklch(93.5% 0.008 85));
  --soft: light-dark(oklch(47% 0.02 275), oklch(75% 0.012 278));
  --faint: light-dark(oklch(53% 0.018 275), oklch(67% 0.012 278));
  --ember: light-dark(oklch(66% 0.165 52), oklch(74% 0.15 56));
  --ember-ink: light-dark(oklch(50% 0.135 48), oklch(80% 0.12 62));
  --sky: light-dark(oklch(72% 0.09 255), oklch(78% 0.08 255));
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 400 15.5px/1.6 system-ui, sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; }
a { color: var(--ember-ink); text-underline-offset: 2px; }
:focus-visible { outline: 1.5px solid var(--ember); outline-offset: 1px; box-shadow: 0 0 0 4px color-mix(in oklch, var(--ember) 18%, transparent); }
.bar, main, footer { max-width: 760px; margin-inline: auto; padding-inline: 24px; }
.bar { display: flex; align-items: center; min-height: 56px; }
.home { display: inline-flex; align-items: center; gap: 8px; min-height: 40px; color: var(--ink); font-weight: 640; text-decoration: none; }
.mark line { stroke: var(--faint); stroke-width: 1.25; }
.mark .large { fill: var(--ember); }
.mark .small { fill: var(--sky); }
main { padding-block: 8px 48px; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 30px; font-weight: 640; line-height: 1.2; letter-spacing: -0.02em; }
h2, h3, h4, h5, h6 { margin-block: 0; font-size: 16.5px; font-weight: 640; letter-spacing: -0.02em; }
h2 { font-size: 19px; }
.when { margin: 8px 0 32px; color: var(--faint); font-size: 14px; font-variant-numeric: tabular-nums; }
article { margin-block: 26px; }
.question { display: flex; justify-content: flex-end; }
.question > p { max-width: 85%; margin: 0; padding: 10px 16px; border: 1px solid var(--line); border-radius: 18px; border-end-end-radius: 5px; background: var(--raised); }
.plain { white-space: pre-wrap; }
.answer { max-width: 712px; }
.answer > .by { margin: 0 0 6px; color: var(--faint); font-size: 13px; }
.answer > * { margin-block: 0 13px; }
ul, ol { padding-inline-start: 1.5em; }
li { margin-block: 4px; }
li > p, li > ul, li > ol, blockquote > p { margin-block: 4px; }
.task { list-style: none; }
blockquote { margin-inline: 0; padding-inline-start: 16px; border-inline-start: 2px solid var(--line); color: var(--soft); }
hr { border: 0; border-block-start: 1px solid var(--line); }
pre { overflow-x: auto; padding: 12px 16px; border: 1px solid var(--line); border-radius: 14px; background: var(--sunk); overflow-wrap: normal; }
code { font: 13.2px/1.65 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
:not(pre) > code { padding: 1px 6px; border: 1px solid var(--line); border-radius: 6px; background: var(--sunk); font-size: 0.86em; }
.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding-block: 8px; padding-inline: 0 16px; border-block-end: 1px solid var(--line); text-align: start; vertical-align: top; overflow-wrap: break-word; }
th { color: var(--soft); font-size: 14px; font-weight: 600; white-space: nowrap; }
.end { text-align: end; }
.center { text-align: center; }
footer { padding-block: 20px 40px; border-block-start: 1px solid var(--line); color: var(--soft); font-size: 14px; }
@media (max-width: 480px) {
  .bar, main, footer { padding-inline: 16px; }
  h1 { font-size: 22px; }
  .question > p { max-width: 94%; }
}
@media print {
  .bar { display: none; }
}
`;
