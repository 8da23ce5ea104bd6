import { ActionIcon, Button, Input, PasswordInput, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { type ReactNode, useId } from "react";
import styles from "./endpoints.module.css";
import { type Pair, withNewPair } from "./pairs.ts";

type PairsFieldProps = {
  readonly label: string;
  readonly description?: ReactNode;
  readonly pairs: readonly Pair[];
  readonly onChange: (pairs: readonly Pair[]) => void;
  /** What a row is: "header". */
  readonly noun: string;
  readonly valueWord?: string;
  readonly isSecret?: boolean;
  /** Said below the value of a row, by its name. */
  readonly hintOf?: (name: string) => string | undefined;
  readonly error: string | undefined;
};

/** Names with values, row by row. */
export function PairsField(props: PairsFieldProps) {
  const { label, description, pairs, onChange, noun, valueWord = "value", isSecret = false, hintOf, error } = props;
  const id = useId();
  const patch = (key: number, part: Partial<Pair>): void =>
    onChange(pairs.map((pair) => (pair.key === key ? { ...pair, ...part } : pair)));
  return (
    <Input.Wrapper label={label} labelElement="div" labelProps={{ id }} description={description} error={error}>
      <div className={styles.tight} role="group" aria-labelledby={id} style={{ marginTop: 6 }}>
        {pairs.map(({ key, name, value }, index) => {
          const which = name === "" ? `${noun} ${index + 1}` : name;
          const shared = {
            className: styles.grow ?? "",
            placeholder: valueWord,
            "aria-label": `${capital(valueWord)} of ${which}`,
            description: hintOf?.(name),
            inputWrapperOrder: ["label", "input", "description", "error"] as (
              | "label"
              | "input"
              | "description"
              | "error"
            )[],
            value,
            autoComplete: "off",
          };
          return (
            <div className={styles.row} key={key} style={{ alignItems: "flex-start" }}>
              <TextInput
                className={styles.grow ?? ""}
                placeholder="name"
                aria-label={`Name of ${noun} ${index + 1}`}
                value={name}
                autoComplete="off"
                onChange={(event) => patch(key, { name: event.currentTarget.value })}
              />
              {isSecret ? (
                <PasswordInput
                  {...shared}
                  visibilityToggleButtonProps={{ tabIndex: 0, "aria-label": `Show ${which}` }}
                  onChange={(event) => patch(key, { value: event.currentTarget.value })}
                />
              ) : (
                <TextInput {...shared} onChange={(event) => patch(key, { value: event.currentTarget.value })} />
              )}
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={`Remove ${which}`}
                onClick={() => onChange(pairs.filter((pair) => pair.key !== key))}
              >
                <X size={15} aria-hidden="true" />
              </ActionIcon>
            </div>
          );
        })}
        <div>
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Plus size={13} aria-hidden="true" />}
            onClick={() => onChange(withNewPair(pairs))}
          >
            Add a {noun}
          </Button>
        </div>
      </div>
    </Input.Wrapper>
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
