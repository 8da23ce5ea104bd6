import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const iris: MantineColorsTuple = [
  "#eef1fe",
  "#dbe2fc",
  "#b5c2f8",
  "#9db1ff",
  "#6f86ea",
  "#5470df",
  "#445fd4",
  "#3850c6",
  "#2f44ab",
  "#26388c",
];

/** Mantine's greys of the dark scheme, from text to ground, in the tint of ours. */
const dark: MantineColorsTuple = [
  "#e7e9ee",
  "#c4c9d4",
  "#a0a7b6",
  "#6b7386",
  "#3a4150",
  "#252a35",
  "#1a1e27",
  "#14171e",
  "#0f1218",
  "#0d0f14",
];

/** Mantine in the console's own colours, sizes and fonts. */
export const theme = createTheme({
  primaryColor: "iris",
  primaryShade: { light: 7, dark: 6 },
  colors: { iris, dark },
  defaultRadius: 6,
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily:
    '-apple-system, "Segoe UI", "Adwaita Sans", Inter, Roboto, "Noto Sans", "Liberation Sans", system-ui, sans-serif',
  fontFamilyMonospace: "var(--ow-mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  headings: { fontWeight: "600" },
});

const SHARED = {
  "--mantine-color-body": "var(--ow-surface)",
  "--mantine-color-text": "var(--ow-text)",
  "--mantine-color-dimmed": "var(--ow-dim)",
  "--mantine-color-placeholder": "var(--ow-dim)",
  "--mantine-color-anchor": "var(--ow-accent)",
  "--mantine-color-error": "var(--ow-critical)",
  "--mantine-color-default": "var(--ow-surface)",
  "--mantine-color-default-hover": "var(--ow-hover)",
  "--mantine-color-default-color": "var(--ow-text)",
  "--mantine-color-default-border": "var(--ow-line-strong)",
  "--mantine-color-disabled": "var(--ow-sunken)",
  "--mantine-color-disabled-color": "var(--ow-dim)",
  "--mantine-color-red-text": "var(--ow-critical)",
  "--mantine-color-red-light": "var(--ow-critical-soft)",
  "--mantine-color-red-light-color": "var(--ow-critical)",
  "--mantine-color-iris-light": "var(--ow-accent-soft)",
  "--mantine-color-iris-light-color": "var(--ow-accent)",
  "--mantine-color-iris-text": "var(--ow-accent)",
  "--mantine-color-red-filled": "#b3122a",
  "--mantine-color-red-filled-hover": "#970e22",
};

/** Puts the console's palette in the place of Mantine's, whose defaults do not hold 4.5:1. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: SHARED, dark: SHARED });
