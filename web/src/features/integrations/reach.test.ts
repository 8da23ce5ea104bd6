import { expect, test } from "vitest";
import { reachOf } from "./reach.ts";

test.each([
  ["http://127.0.0.1:8000/x", "machine"],
  ["http://localhost:8000/x", "machine"],
  ["http://[::1]:8000/x", "machine"],
  ["http://10.1.2.3/x", "network"],
  ["http://172.20.0.1/x", "network"],
  ["http://192.168.0.9:8000/x", "network"],
  ["http://[fd00::1]/x", "network"],
  ["http://overwatch:8000/x", "network"],
  ["https://overwatch.example.com/x", "everywhere"],
  ["https://10.example.com/x", "everywhere"],
  ["https://fc01.example.com/x", "everywhere"],
  ["https://172.32.0.1/x", "everywhere"],
  ["https://[2001:db8::1]/x", "everywhere"],
])("%s is reached from: %s", (url, reach) => {
  expect(reachOf(url)).toBe(reach);
});
