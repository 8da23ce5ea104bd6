import styles from "./platform-mark.module.css";

/** The letters by which a platform is known at a glance. */
const LETTERS: Readonly<Record<string, string>> = {
  datadog: "Dd",
  newrelic: "NR",
  pagerduty: "PD",
  grafana: "Gr",
  elasticsearch: "Es",
  signoz: "Sz",
  prometheus: "Pr",
  custom: "{ }",
};

/** A platform's mark; its name stands beside it. */
export function PlatformMark({ platform }: { readonly platform: string }) {
  return (
    <span className={styles.mark} data-platform={platform} aria-hidden="true">
      {LETTERS[platform] ?? platform.slice(0, 2)}
    </span>
  );
}
