import { expect, it } from "vitest";
import { PLATFORM_NAMES } from "../platforms/platform.ts";
import { fillGuide, readSetUpGuide } from "./set-up-guides.ts";

const HERE = "http://127.0.0.1:8000";

it.each(PLATFORM_NAMES)("shows the real address on the page of %s and none that is only an example", (name) => {
  const url = `${HERE}/api/v1/webhooks/${name}/01a2147f-95c5-7000-8a58-20137f295364`;
  const guide = fillGuide(readSetUpGuide(name).markdown, HERE, url);
  expect(guide).toContain(url);
  expect(guide).not.toMatch(/overwatch\.example\.com|<integration id>|<webhook_url>|\$OVERWATCH\//);
});
