import { CopyButton } from "./copy-button.tsx";
import styles from "./states.module.css";

/** A command to run in a terminal, with a button that copies it. */
export function CommandLine({ command, label = "The command" }: CommandLineProps) {
  return (
    <div className={styles.command}>
      {/* Long commands scroll, so the keyboard has to reach them. */}
      <pre role="group" tabIndex={0} aria-label={label}>
        {command}
      </pre>
      <CopyButton text={command} label="Copy the command" />
    </div>
  );
}

type CommandLineProps = { readonly command: string; readonly label?: string };
