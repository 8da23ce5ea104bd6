import styles from "./states.module.css";

const WIDTHS = ["34%", "52%", "43%", "60%", "38%", "48%", "55%", "41%"] as const;

/** One grey line. */
export function Bone({ width = "100%", height = 12 }: { readonly width?: string | number; readonly height?: number }) {
  return <div className={styles.bone} style={{ width, height }} />;
}

/** The shape of a table that is being read; it appears only when reading takes longer than a blink. */
export function TableSkeleton({ rows = 8, label }: { readonly rows?: number; readonly label: string }) {
  return (
    <div className={styles.late} role="status" aria-label={`Reading ${label}`}>
      <div className={styles.bones} aria-hidden="true">
        {WIDTHS.concat(WIDTHS)
          .slice(0, rows)
          .map((width, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the bones are all alike and never move
            <div className={styles.boneRow} key={index}>
              <Bone width={72} />
              <div style={{ flex: 1 }}>
                <Bone width={width} />
              </div>
              <Bone width={56} />
            </div>
          ))}
      </div>
    </div>
  );
}

/** The shape of a text or a form that is being read. */
export function PanelSkeleton({ lines = 4, label }: { readonly lines?: number; readonly label: string }) {
  return (
    <div className={styles.late} role="status" aria-label={`Reading ${label}`}>
      <div style={{ display: "grid", gap: 12, padding: 16 }} aria-hidden="true">
        {WIDTHS.slice(0, lines).map((width) => (
          <Bone key={width} width={width} />
        ))}
      </div>
    </div>
  );
}
