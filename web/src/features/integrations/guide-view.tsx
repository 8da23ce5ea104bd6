import { Fragment, type ReactNode } from "react";
import { parseInline } from "../../lib/markdown.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { ExternalLink } from "../../ui/external-link.tsx";
import type { GuideBlock } from "./guide.ts";
import styles from "./integrations.module.css";

/** What to do on the sender's side, step by step, each text ready to be copied. */
export function GuideView({ blocks }: { readonly blocks: readonly GuideBlock[] }) {
  const rows: ReactNode[] = [];
  let number = 0;
  for (const [index, block] of blocks.entries()) {
    if (block.kind === "heading") number = 0;
    if (block.kind === "step") number += 1;
    rows.push(<Block key={`${index}`} block={block} number={number} />);
  }
  return <div className={styles.guide}>{rows}</div>;
}

function Block({ block, number }: { readonly block: GuideBlock; readonly number: number }) {
  switch (block.kind) {
    case "step":
      return (
        <div className={styles.guideStep}>
          <span className={styles.guideNumber}>{number}</span>
          <div className={styles.guideBody}>
            {block.blocks.map((inner, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a guide never move
              <Block key={index} block={inner} number={0} />
            ))}
          </div>
        </div>
      );
    case "heading":
      return <h3>{block.text}</h3>;
    case "paragraph":
      return (
        <p>
          <Words text={block.text} />
        </p>
      );
    case "list":
      return (
        <ul className={styles.problems}>
          {block.entries.map((entry) => (
            <li key={entry}>
              <Words text={entry} />
            </li>
          ))}
        </ul>
      );
    case "code":
      return <CodeBlock text={block.text} />;
    case "table":
      return (
        <section className={styles.scroll} tabIndex={0} aria-label="Settings">
          <table className={styles.table}>
            <thead>
              <tr>
                {block.head.map((cell) => (
                  <th key={cell} scope="col">
                    <Words text={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row) => (
                <tr key={row.join("|")}>
                  {row.map((cell, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the cells of a guide never move
                    <td key={index}>
                      <Words text={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      );
  }
}

/** A text to paste somewhere, with its button. */
export function CodeBlock({ text, label = "The text to paste" }: { readonly text: string; readonly label?: string }) {
  return (
    <div className={styles.code}>
      <pre tabIndex={0} role="group" aria-label={label}>
        {text}
      </pre>
      <span className={styles.codeCopy}>
        <CopyButton text={text} label={`Copy: ${label}`} />
      </span>
    </div>
  );
}

function Words({ text }: { readonly text: string }) {
  return parseInline(text).map((piece, index) => {
    const key = `${index}`;
    if (piece.kind === "link") return <ExternalLink key={key} href={piece.href} text={piece.text} />;
    if (piece.kind === "code") return <code key={key}>{piece.text}</code>;
    if (piece.kind === "strong") return <strong key={key}>{piece.text}</strong>;
    if (piece.kind === "emphasis") return <em key={key}>{piece.text}</em>;
    return <Fragment key={key}>{piece.text}</Fragment>;
  });
}
