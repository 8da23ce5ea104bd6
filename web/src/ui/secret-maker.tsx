import { type ReactNode, useState } from "react";
import { Dialog } from "./dialog.tsx";
import { SecretDialog, type ShownSecret } from "./secret-dialog.tsx";

/** What the form of such a dialog is given. */
export type SecretMakerForm = {
  readonly onClose: () => void;
  /** Takes what was made. */
  readonly onMade: (secrets: readonly ShownSecret[]) => void;
};

type SecretMakerProps = {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Over the form. */
  readonly title: string;
  readonly form: (parts: SecretMakerForm) => ReactNode;
  /** Over what was made. */
  readonly madeTitle: string;
  /** What is made is a link to be passed on. */
  readonly isLink?: boolean;
  /** What to do with it. */
  readonly children?: ReactNode;
};

/** A form that makes a secret, which is then shown this once. */
export function SecretMaker({ isOpen, onClose, title, form, madeTitle, isLink = false, children }: SecretMakerProps) {
  const [made, setMade] = useState<readonly ShownSecret[] | null>(null);
  return (
    <>
      <Dialog isOpen={isOpen} onClose={onClose} title={title}>
        {form({ onClose, onMade: setMade })}
      </Dialog>
      <SecretDialog title={madeTitle} secrets={made} isLink={isLink} onClose={() => setMade(null)}>
        {children}
      </SecretDialog>
    </>
  );
}
