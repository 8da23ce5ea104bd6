import type { ReactNode } from "react";

/** What a dialog is given; its content is there while it is open only. */
export type DialogProps = {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  readonly size?: "lg" | "xl";
  /** Closes by a button of its content alone: what it shows is not shown again. */
  readonly isPersistent?: boolean;
};
