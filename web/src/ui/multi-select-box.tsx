import { MultiSelect } from "@mantine/core";
import type { MultiSelectProps } from "./multi-select-props.ts";

/** The field with its list; use `MultiSelect` of `multi-select.tsx`, which fetches it late. */
export function MultiSelectBox({ data, value, ...props }: MultiSelectProps) {
  return <MultiSelect {...props} data={[...data]} value={[...value]} searchable hidePickedOptions />;
}
