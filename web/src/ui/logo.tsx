/** The mark of Overwatch: an eye that watches, waves that go out. */
export function Logo({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#3850c6" />
      <g fill="none" stroke="#fff" strokeLinecap="round" strokeWidth="2.6">
        <path d="M5.5 16a11.4 11.4 0 0 1 21 0" />
        <path d="M10.5 18.5a6 6 0 0 1 11 0" opacity=".75" />
      </g>
      <circle cx="16" cy="21.5" r="2.7" fill="#fff" />
    </svg>
  );
}
