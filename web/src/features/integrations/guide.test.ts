import { expect, it } from "vitest";
import { fillSecret, readSetUp, sectionOf } from "./guide.ts";

const GUIDE = `# Datadog

Intro.

## Set it up

1. Create the integration. It cannot sign:

   \`\`\`sh
   curl
   \`\`\`

   Keep the \`webhook_url\`.
2. Open **Webhooks** and
   paste the address.
3. Paste this:

   \`\`\`json
   {
     "a": 1
   }
   \`\`\`

### Another way

| field | value |
| ----- | ----- |
| URL   | \`x\` |

- one
  goes on
- two

## Verification

Not this.
`;

it("reads the steps that are left when the integration exists, with their code as it is to be pasted", () => {
  expect(readSetUp(GUIDE)).toEqual([
    { kind: "step", blocks: [{ kind: "paragraph", text: "Open **Webhooks** and paste the address." }] },
    {
      kind: "step",
      blocks: [
        { kind: "paragraph", text: "Paste this:" },
        { kind: "code", text: '{\n  "a": 1\n}' },
      ],
    },
    { kind: "heading", text: "Another way" },
    { kind: "table", head: ["field", "value"], rows: [["URL", "`x`"]] },
    { kind: "list", entries: ["one goes on", "two"] },
  ]);
});

it("finds a section whole and nothing for a title that is not there", () => {
  expect(sectionOf(GUIDE, "Verification").trim()).toBe("Not this.");
  expect(sectionOf(GUIDE, "Nothing")).toBe("");
});

it("puts the secret where the guide leaves a place for it, whatever is in the secret", () => {
  expect(fillSecret("Bearer choose-a-long-random-text", "a$&b")).toBe("Bearer a$&b");
  expect(fillSecret("secret: $OVERWATCH_SECRET", null)).toBe("secret: $OVERWATCH_SECRET");
});
