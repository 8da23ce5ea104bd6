import { NumberInput } from "@mantine/core";

type NumberFieldProps = {
  readonly label: string;
  readonly description: string;
  /** A whole number as a text; empty when it is not set. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
};

/** A whole number that may be left empty. */
export function NumberField({ label, description, value, onChange, error }: NumberFieldProps) {
  return (
    <NumberInput
      label={label}
      description={description}
      value={value}
      onChange={(next) => onChange(String(next))}
      error={error}
      min={0}
      allowDecimal={false}
      allowNegative={false}
      hideControls
    />
  );
}
