import { Modal } from "@mantine/core";
import { focusBehindDialogs } from "../lib/keep-focus.ts";
import type { DialogProps } from "./dialog-props.ts";

/** The window of a dialog; use `Dialog`, which fetches it late. */
export function DialogWindow({ isOpen, onClose, title, children, size, isPersistent = false }: DialogProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={isPersistent ? () => undefined : onClose}
      closeOnEscape={!isPersistent}
      closeOnClickOutside={!isPersistent}
      withCloseButton={!isPersistent}
      title={title}
      onExitTransitionEnd={focusBehindDialogs}
      centered={size !== "xl"}
      {...(size === undefined ? {} : { size })}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {isOpen ? children : null}
    </Modal>
  );
}
