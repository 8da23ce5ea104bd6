import styles from "./platform-mark.module.css";

/** Initials and hue of each platform; our own marks, since the vendors' logos are theirs. */
const MARKS: Readonly<Record<string, readonly [initials: string, hue: number]>> = {
  datadog: ["Dd", 275],
  newrelic: ["Nr", 165],
  pagerduty: ["Pd", 140],
  grafana: ["Gr", 28],
  elasticsearch: ["Es", 200],
  signoz: ["Sz", 12],
  prometheus: ["Pr", 5],
  custom: ["{}", 225],
};

/** A small square that tells platforms apart at a glance; the name stands beside it. */
export function PlatformMark({ platform, size = 18 }: { readonly platform: string; readonly size?: number }) {
  const [initials, hue] = MARKS[platform] ?? ["?", 225];
  return (
    <span
      className={styles.mark}
      style={{ width: size, height: size, fontSize: size * 0.5, "--hue": hue } as React.CSSProperties}
      aria-hidden="true"
    >
      {initials}
    </span>
  );
}
