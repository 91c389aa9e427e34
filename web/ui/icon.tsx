/** Line icons with one stroke width on a 20-unit grid. */

const paths = {
  plus: 'M10 4v12M4 10h12',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Zm4.5-1.5L17 17',
  menu: 'M3 5h14M3 10h14M3 15h9',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  up: 'M10 16V4M5 9l5-5 5 5',
  down: 'M10 4v12M5 11l5 5 5-5',
  expand: 'M6 12.5 10 16.5 14 12.5M6 7.5 10 3.5 14 7.5',
  stop: 'M6 6h8v8H6z',
  copy: 'M7 7V4.5A1.5 1.5 0 0 1 8.5 3h7A1.5 1.5 0 0 1 17 4.5v7a1.5 1.5 0 0 1-1.5 1.5H13M4.5 7h7A1.5 1.5 0 0 1 13 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 15.5v-7A1.5 1.5 0 0 1 4.5 7Z',
  check: 'M4 10.5 8.5 15 16 6',
  again: 'M16 10a6 6 0 1 1-1.8-4.3M16 3v4h-4',
  previous: 'M12 4 6 10l6 6',
  next: 'M8 4l6 6-6 6',
  close: 'M5 5l10 10M15 5 5 15',
  pencil: 'M4 16l.7-3.3L13 4.4a1.6 1.6 0 0 1 2.3 0l.3.3a1.6 1.6 0 0 1 0 2.3L7.3 15.3 4 16Z',
  bookmark: 'M6 3.5h8a.5.5 0 0 1 .5.5v12.5L10 13.5l-4.5 3V4a.5.5 0 0 1 .5-.5Z',
  good: 'M6 9v8M6 9l3.2-6.2a1.9 1.9 0 0 1 1.9 2.3L10.5 8h4.6a1.6 1.6 0 0 1 1.55 2l-1.5 5.8A1.6 1.6 0 0 1 13.6 17H4.5A1.5 1.5 0 0 1 3 15.5v-5A1.5 1.5 0 0 1 4.5 9H6Z',
  bad: 'M6 11V3M6 11l3.2 6.2a1.9 1.9 0 0 0 1.9-2.3L10.5 12h4.6a1.6 1.6 0 0 0 1.55-2l-1.5-5.8A1.6 1.6 0 0 0 13.6 3H4.5A1.5 1.5 0 0 0 3 4.5v5A1.5 1.5 0 0 0 4.5 11H6Z',
  layers: 'M10 3 17 6.8 10 10.6 3 6.8 10 3ZM3.5 10.2 10 13.7l6.5-3.5M3.5 13.4 10 17l6.5-3.6',
  clip: 'm16 9.3-6.3 6.3a3.9 3.9 0 0 1-5.5-5.5l6.6-6.6a2.6 2.6 0 0 1 3.7 3.7l-6.4 6.4a1.3 1.3 0 0 1-1.9-1.9l5.7-5.6',
  file: 'M5.5 2.5h6l4 4v10a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM11.5 2.5v4h4',
  trash: 'M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  const strokeWidth = name === 'more' ? 2.6 : 1.6;
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" aria-hidden="true" className="shrink-0">
      <path
        d={paths[name]}
        stroke="currentColor"
        fill={name === 'stop' ? 'currentColor' : 'none'}
        strokeWidth={strokeWidth}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
