import { expect, test } from "vitest";
import { readNamedProxies } from "./named-proxies.ts";

test("named proxies are read with ports, credentials and `direct`", () => {
  expect(readNamedProxies(["eu=http://10.0.0.1:3128", "us-1 = http://ops:s%2Cecret@proxy", "lan=direct"])).toEqual({
    ok: true,
    proxies: { eu: "http://10.0.0.1:3128", "us-1": "http://ops:s%2Cecret@proxy", lan: "direct" },
  });
  expect(readNamedProxies([])).toEqual({ ok: true, proxies: {} });
});

test.each([
  ["http://proxy:3128", "entry 1"],
  ["EU=http://proxy", "entry 1"],
  ["constructor.x=http://proxy", "entry 1"],
  ["eu=https://proxy", "eu must be"],
  ["eu=socks5://canary:secret@proxy", "eu must be"],
  ["eu=http://proxy/path", "eu must be"],
  ["eu=", "eu must be"],
])("%s is refused, and the message quotes no URL", (entry, words) => {
  const read = readNamedProxies([entry]);
  expect(read.ok ? "" : read.messages.join()).toContain(words);
  expect(JSON.stringify(read)).not.toContain("canary");
});

test("a name stands for one proxy", () => {
  const read = readNamedProxies(["eu=http://a", "eu=http://b"]);
  expect(read.ok ? "" : read.messages).toEqual(["eu is named twice"]);
});
