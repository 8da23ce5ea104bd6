import styles from "./sparkline.module.css";

type SparklineProps = {
  readonly values: readonly number[];
  /** What the line shows, for readers: "Receipts per hour, last 24 hours". */
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
  readonly tone?: "accent" | "critical" | "good";
};

/** A small line without axes; readers get the sum and the highest value in words. */
export function Sparkline({ values, label, width = 120, height = 28, tone = "accent" }: SparklineProps) {
  const highest = Math.max(...values, 1);
  const step = values.length > 1 ? width / (values.length - 1) : width;
  const points = values.map((value, index) => [index * step, height - 2 - (value / highest) * (height - 4)] as const);
  const line = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const sum = values.reduce((total, value) => total + value, 0);
  return (
    <svg
      className={styles.sparkline}
      data-tone={tone}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${sum} in all, ${Math.max(...values, 0)} at most`}
    >
      {points.length === 0 ? null : (
        <>
          <path className={styles.area} d={`${line}L${width} ${height}L0 ${height}Z`} />
          <path className={styles.line} d={line} />
        </>
      )}
    </svg>
  );
}
