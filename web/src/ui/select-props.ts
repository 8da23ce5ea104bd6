import type { SelectProps } from "@mantine/core";

/** A value to choose and what it is called; a text alone is both. */
export type SelectOption = string | { readonly value: string; readonly label: string };

/** What the field takes, as Mantine's of the same name does. */
export type SelectFieldProps = Omit<SelectProps, "data" | "onChange" | "value"> & {
  readonly data: readonly SelectOption[];
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
};
