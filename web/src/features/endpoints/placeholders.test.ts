import { describe, expect, it } from "vitest";
import { BLANK } from "./endpoint-draft.ts";
import { fillPlaceholders, placeholdersOf } from "./placeholders.ts";

const draft = {
  ...BLANK,
  url: "https://SITE.example.net/rest/api/3/issue?key=%2FKEEP&sig={{API_KEY}}",
  overrides: [
    {
      key: 0,
      event: "incident.resolved",
      method: null,
      url: "https://SITE.example.net/x/STATE_ID",
      body: "same",
      template: "",
    },
  ],
} as const;

describe("words in capitals of a preset's URLs", () => {
  it("are found in all URLs, but not in expressions and escapes", () => {
    expect(placeholdersOf(draft)).toEqual(["SITE", "STATE_ID"]);
  });

  it("are replaced in all URLs, whatever they are filled with", () => {
    const filled = fillPlaceholders(draft, { SITE: "acme$&", STATE_ID: " " });
    expect(filled.url).toBe("https://acme$&.example.net/rest/api/3/issue?key=%2FKEEP&sig={{API_KEY}}");
    expect(filled.overrides[0]?.url).toBe("https://acme$&.example.net/x/STATE_ID");
  });
});
