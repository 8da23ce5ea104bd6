import { late } from "../lib/late.tsx";
import type { DialogProps } from "./dialog-props.ts";

/** A dialog. The window around the content is fetched when the first one opens. */
export const Dialog = late<DialogProps>(() => import("./dialog-window.tsx").then((module) => module.DialogWindow));
