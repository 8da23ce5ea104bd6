import { Menu } from "@mantine/core";
import type { PopupProps } from "../../ui/late-popup.tsx";

type ExportPopupProps = PopupProps & { readonly urlOf: (format: "csv" | "ndjson") => string };

/** The formats in which the entries that fit the filters can be taken away. */
export function ExportPopup({ target, isOpen, onChange, urlOf }: ExportPopupProps) {
  return (
    <Menu position="bottom-end" shadow="md" opened={isOpen} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={urlOf("csv")} download="audit.csv">
          CSV, for spreadsheets
        </Menu.Item>
        <Menu.Item component="a" href={urlOf("ndjson")} download="audit.ndjson">
          NDJSON, for programs
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
