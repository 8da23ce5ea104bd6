import { TextInput } from "@mantine/core";
import { useState } from "react";

type NumberFieldProps = {
  readonly label: string;
  readonly description?: string;
  /** What holds while it is empty. */
  readonly placeholder?: string;
  /** Null while it is empty. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly error?: string | undefined;
  readonly min?: number;
  readonly max?: number;
  readonly isWhole?: boolean;
};

/** A number of zero or more, which may be left empty; what is beyond its limits is moved to them when it is left. */
export function NumberField(props: NumberFieldProps) {
  const { label, description, placeholder, value, onChange, error, isWhole = false } = props;
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = props;
  const [text, setText] = useState(spell(value));
  // Something else than typing changed it, such as a reset.
  if (parse(text) !== value) setText(spell(value));
  return (
    <TextInput
      label={label}
      description={description}
      placeholder={placeholder ?? ""}
      inputMode={isWhole ? "numeric" : "decimal"}
      autoComplete="off"
      value={text}
      error={error}
      onChange={(event) => {
        const typed = event.currentTarget.value.replaceAll(isWhole ? /\D/g : /[^\d.,]/g, "").replace(",", ".");
        if (typed !== "" && parse(typed) === null) return;
        setText(typed);
        onChange(parse(typed));
      }}
      onBlur={() => {
        if (value === null) return setText("");
        const within = Math.min(max, Math.max(min, value));
        setText(spell(within));
        if (within !== value) onChange(within);
      }}
    />
  );
}

function spell(value: number | null): string {
  return value === null ? "" : String(value);
}

/** Null for what is no number yet or not any more; `.5` and `5.` are on their way to one. */
function parse(text: string): number | null {
  return /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : null;
}
