import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";

type InnerLinkProps = {
  readonly href: string;
  readonly children: ReactNode;
  readonly className?: string | undefined;
  readonly title?: string | undefined;
};

/**
 * A link to a page of any feature, by its address; it opens without loading the console again, and what it opens is
 * fetched when somebody points at it. Unlike the router's own it does not look whether it is the page that is open, so
 * the many of a list cost nothing when the address changes.
 */
export function InnerLink({ href, children, className, title }: InnerLinkProps) {
  const router = useRouter();
  const follow = (event: MouseEvent): void => {
    const isForBrowser = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (isForBrowser || event.defaultPrevented) return;
    event.preventDefault();
    router.history.push(href);
  };
  // What cannot be fetched early is fetched, or told of, when the link is followed.
  const fetchEarly = (): void => void router.preloadRoute({ to: href }).catch(() => undefined);
  return (
    <a
      href={href}
      className={className}
      title={title}
      onClick={follow}
      onPointerEnter={fetchEarly}
      onFocus={fetchEarly}
      onTouchStart={fetchEarly}
    >
      {children}
    </a>
  );
}
