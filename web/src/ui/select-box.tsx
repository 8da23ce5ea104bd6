import { Select } from "@mantine/core";
import type { SelectFieldProps } from "./select-props.ts";

/** The field with its list; use `Select` of `select.tsx`, which fetches it late. */
export function SelectBox({ data, clearButtonProps, ...props }: SelectFieldProps) {
  const words = { "aria-label": props.placeholder ?? "Clear", ...clearButtonProps };
  return <Select {...props} data={[...data]} clearButtonProps={words} />;
}
