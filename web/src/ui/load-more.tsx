import { Button } from "@mantine/core";
import { useEffect, useEffectEvent, useRef } from "react";
import styles from "./data-table.module.css";

type LoadMoreProps = {
  readonly hasMore: boolean;
  readonly isReading: boolean;
  readonly onMore: (() => void) | undefined;
};

/** The end of a list: reads on when it comes into sight, and by a button for those who do not scroll. */
export function LoadMore({ hasMore, isReading, onMore }: LoadMoreProps) {
  const end = useRef<HTMLDivElement>(null);
  const readOn = useEffectEvent(() => onMore?.());
  useEffect(() => {
    const element = end.current;
    // Looked at anew after each page: one with few rows leaves the end in sight.
    if (element === null || !hasMore || isReading) return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && readOn(), {
      rootMargin: "600px",
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasMore, isReading]);
  if (!hasMore) return null;
  return (
    <div ref={end} className={styles.more}>
      <Button variant="subtle" size="xs" loading={isReading} onClick={onMore}>
        Load more
      </Button>
    </div>
  );
}
