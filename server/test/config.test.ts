import { expect, test } from "vitest";
import { type Config, readConfig } from "../src/config.ts";
import { STANDARD_REFUSED_PORTS } from "../src/core/refused-ports.ts";

const read = (environment: Readonly<Record<string, string>>) => readConfig(environment, { dataDir: "/tmp" }, () => "");

function configOf(environment: Readonly<Record<string, string>>): Config {
  const result = read(environment);
  if (!result.ok) throw new Error(result.problems.join("; "));
  return result.config;
}

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  const result = read(environment);
  return result.ok ? [] : result.problems;
}

test("the ports of other protocols are refused unless the operator names others", () => {
  expect(configOf({}).egressRefusedPorts).toEqual(STANDARD_REFUSED_PORTS);
  expect(configOf({ OVERWATCH_EGRESS_DENY_PORTS: "22, 8500" }).egressRefusedPorts).toEqual(new Set([22, 8500]));
  const more = configOf({ OVERWATCH_EGRESS_DENY_PORTS: "standard,8500" }).egressRefusedPorts;
  expect([more.has(6379), more.has(8500), more.has(443)]).toEqual([true, true, false]);
  for (const wrong of ["ssh", "70000", "-1", "22;25"]) {
    expect(problemsOf({ OVERWATCH_EGRESS_DENY_PORTS: wrong })[0]).toContain("OVERWATCH_EGRESS_DENY_PORTS");
  }
});

test("a proxy is taken from its own setting alone, and a wrong one is not quoted", () => {
  const proxy = "http://ops:canary@proxy.example:3128";
  expect(configOf({ OVERWATCH_EGRESS_PROXY: proxy }).egressProxy).toBe(proxy);
  expect(configOf({ HTTPS_PROXY: proxy, HTTP_PROXY: proxy }).egressProxy).toBeNull();
  for (const wrong of ["https://a:canary@b", "socks5://canary", "canary", "http://canary/path"]) {
    const [problem] = problemsOf({ OVERWATCH_EGRESS_PROXY: wrong });
    expect(problem).toContain("OVERWATCH_EGRESS_PROXY");
    expect(problem).not.toContain("canary");
  }
});

test("proxies that endpoints may choose are named by the operator, and a wrong one is not quoted", () => {
  expect(configOf({}).egressProxies).toEqual({});
  const OVERWATCH_EGRESS_PROXIES = "eu=http://ops:canary@proxy.example:3128, lan=direct";
  expect(configOf({ OVERWATCH_EGRESS_PROXIES }).egressProxies).toEqual({
    eu: "http://ops:canary@proxy.example:3128",
    lan: "direct",
  });
  const problems = problemsOf({ OVERWATCH_EGRESS_PROXIES: "eu=https://a:canary@b,http://canary" });
  expect(problems).toHaveLength(2);
  expect(problems.join()).not.toContain("canary");
});

test("plain HTTP is allowed unless the operator refuses it", () => {
  expect(configOf({}).isEgressHttpsOnly).toBe(false);
  expect(configOf({ OVERWATCH_EGRESS_HTTPS_ONLY: "true" }).isEgressHttpsOnly).toBe(true);
  expect(problemsOf({ OVERWATCH_EGRESS_HTTPS_ONLY: "yes" })).toHaveLength(1);
});
