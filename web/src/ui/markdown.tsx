import { createElement, Fragment } from "react";
import { type Block, type Inline, parseMarkdown } from "../lib/markdown.ts";
import styles from "./markdown.module.css";

/** Somebody's Markdown: no HTML, no images, only http(s) links. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <div className={styles.markdown}>
      {parseMarkdown(text).map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks of a fixed text never move
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case "code":
      return <pre>{block.text}</pre>;
    case "heading":
      // The page's own headings come first.
      return createElement(`h${Math.min(6, block.level + 2)}`, {}, <InlineView pieces={block.content} />);
    case "list":
      return createElement(
        block.isOrdered ? "ol" : "ul",
        {},
        block.entries.map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries of a fixed text never move
          <li key={index}>
            <InlineView pieces={entry} />
          </li>
        )),
      );
    default:
      return createElement(
        block.kind === "quote" ? "blockquote" : "p",
        {},
        block.lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text never move
          <Fragment key={index}>
            {index > 0 ? <br /> : null}
            <InlineView pieces={line} />
          </Fragment>
        )),
      );
  }
}

const TAGS = { code: "code", strong: "strong", emphasis: "em" } as const;

function InlineView({ pieces }: { readonly pieces: readonly Inline[] }) {
  return pieces.map((piece, index) => {
    const key = `${index}`;
    if (piece.kind === "text") return <Fragment key={key}>{piece.text}</Fragment>;
    if (piece.kind !== "link") return createElement(TAGS[piece.kind], { key }, piece.text);
    return (
      <a key={key} href={piece.href} target="_blank" rel="noopener noreferrer">
        {piece.text}
      </a>
    );
  });
}
