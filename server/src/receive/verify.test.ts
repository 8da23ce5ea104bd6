import { createHash, createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import type { Verification } from "../core/integration.ts";
import { hmacHeader } from "../platforms/verification.ts";
import type { OpenedSecret } from "../store/receiving-integration.ts";
import type { HeaderSource } from "./headers.ts";
import type { Verdict } from "./verdict.ts";
import { createVerifier } from "./verify.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const SECONDS = String(NOW / 1_000);
const BODY = Buffer.from('{"id":"a-1"}');
const SECRET = "a-signing-secret-of-good-length";
const HEX = "x-overwatch-signature";

const secretOf = (value: string, more: Partial<OpenedSecret> = {}): OpenedSecret => ({
  id: "present",
  purpose: "signing_secret",
  value,
  isPrevious: false,
  expiresAt: null,
  ...more,
});
const hex = (body: Buffer | string = BODY, secret = SECRET, algorithm = "sha256"): string =>
  createHmac(algorithm, secret).update(body).digest("hex");

/** Headers as Node would hold them: duplicates joined, the raw list untouched. */
function headersOf(...pairs: readonly (readonly [string, string])[]): HeaderSource {
  const headers: Record<string, string> = {};
  for (const [name, value] of pairs) headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  return { headers, rawHeaders: pairs.flat() };
}

const OVERWATCH = hmacHeader({ header: HEX, prefix: "sha256=" });
const LIST = hmacHeader({ header: "x-pagerduty-signature", prefix: "v1=", isList: true });

function signature(value: string | null, secrets = [secretOf(SECRET)], scheme = OVERWATCH, body = BODY): Verdict {
  const source = value === null ? headersOf() : headersOf([scheme.header, value]);
  return createVerifier({ type: "signature" }, scheme, secrets).verify(source, body, NOW);
}
const reasonOf = (verdict: Verdict): string => (verdict.ok ? "ok" : verdict.reason);

describe("a platform's signature", () => {
  test("is believed when it is the MAC of the very bytes", () => {
    expect(signature(`sha256=${hex()}`)).toEqual({ ok: true, by: "signature", secretId: "present", replayKey: null });
  });

  test.each([
    ["missing altogether (A01)", null, "missing"],
    ["an empty header (A07)", "", "malformed"],
    ["cut to a prefix (A04)", `sha256=${hex().slice(0, 32)}`, "malformed"],
    ["one character longer (A06)", `sha256=${hex()}0`, "malformed"],
    ["odd length (A07)", `sha256=${hex().slice(1)}`, "malformed"],
    ["upper case (A07)", `sha256=${hex().toUpperCase()}`, "malformed"],
    ["base64 instead of hex (A07)", `sha256=${Buffer.from(hex(), "hex").toString("base64")}`, "malformed"],
    ["a space before it (A07)", `sha256= ${hex()}`, "malformed"],
    ["a space after it (A07)", `sha256=${hex()} `, "malformed"],
    ["no prefix", hex(), "malformed"],
    ["another prefix (A09)", `sha1=${hex()}`, "malformed"],
    ["an older version (A09)", `v0=${hex()}`, "malformed"],
    ["the word none (A09)", "none", "malformed"],
    ["two signatures where there is one", `sha256=${hex()},sha256=${hex()}`, "malformed"],
    ["not hexadecimal", `sha256=${"z".repeat(64)}`, "malformed"],
    ["of nothing", `sha256=${hex("")}`, "mismatch"],
    ["of the body with one space more (A12)", `sha256=${hex('{"id": "a-1"}')}`, "mismatch"],
    ["made with another secret (A13)", `sha256=${hex(BODY, "another-secret-of-good-length")}`, "mismatch"],
    ["of zeros", `sha256=${"0".repeat(64)}`, "mismatch"],
    ["ten kilobytes", `sha256=${"a".repeat(10_240)}`, "malformed"],
  ])("is refused when it is %s", (_name, value, reason) => {
    expect(reasonOf(signature(value))).toBe(reason);
  });

  test("is refused when any single byte of the body differs", () => {
    const proof = `sha256=${hex()}`;
    for (let index = 0; index < BODY.length; index += 1) {
      const changed = Buffer.from(BODY);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(reasonOf(signature(proof, undefined, OVERWATCH, changed))).toBe("mismatch");
    }
  });

  test("is refused as malformed when the header comes twice, even if both are right (A07)", () => {
    const proof = `sha256=${hex()}`;
    const verifier = createVerifier({ type: "signature" }, OVERWATCH, [secretOf(SECRET)]);
    expect(reasonOf(verifier.verify(headersOf([HEX, proof], [HEX, proof]), BODY, NOW))).toBe("malformed");
    const list = createVerifier({ type: "signature" }, LIST, [secretOf(SECRET)]);
    const twice = headersOf([LIST.header, `v1=${hex()}`], [LIST.header, `v1=${hex()}`]);
    expect(reasonOf(list.verify(twice, BODY, NOW))).toBe("malformed");
  });

  test("never passes an integration that has no secret, or an empty one (A02, A10)", () => {
    expect(reasonOf(signature(`sha256=${hex(BODY, "")}`, []))).toBe("mismatch");
    expect(reasonOf(signature(`sha256=${hex(BODY, "")}`, [secretOf("")]))).toBe("mismatch");
    expect(reasonOf(signature(`sha256=${hex()}`, [secretOf(SECRET, { purpose: "token" })]))).toBe("mismatch");
    expect(reasonOf(signature(null, []))).toBe("missing");
  });

  test("echoes what came, cut to 128 characters, and masks what was expected", () => {
    const verdict = signature(`sha256=${"q".repeat(500)}`);
    expect(verdict).toEqual({ ok: false, reason: "malformed", received: `sha256=${"q".repeat(121)}` });
    expect(createVerifier({ type: "signature" }, OVERWATCH, []).expected).toBe("sha256=…");
    expect(createVerifier({ type: "signature" }, LIST, []).expected).toBe("v1=…");
  });
});

describe("a list of signatures", () => {
  const list = (value: string): string => reasonOf(signature(value, undefined, LIST));
  const wrong = "0".repeat(64);
  test("is believed when any one of at most eight matches", () => {
    expect(list(`v1=${hex()}`)).toBe("ok");
    expect(list(`v1=${wrong},v1=${hex()}`)).toBe("ok");
    expect(list([...Array.from({ length: 7 }, () => `v1=${wrong}`), `v1=${hex()}`].join(","))).toBe("ok");
  });

  test("leaves other versions alone and needs one of its own", () => {
    expect(list(`v2=${hex()},v1=${hex()}`)).toBe("ok");
    expect(list(`v2=${hex()}`)).toBe("malformed");
    expect(list(`v0=${hex()}`)).toBe("malformed");
  });

  test("is refused with more than eight candidates, with spaces or with an empty one (A08, A07)", () => {
    expect(list([...Array.from({ length: 8 }, () => `v1=${wrong}`), `v1=${hex()}`].join(","))).toBe("malformed");
    expect(list(`v1=${wrong}, v1=${hex()}`)).toBe("malformed");
    expect(list(`v1=,v1=${hex()}`)).toBe("malformed");
  });
});

describe("two live secrets", () => {
  const old = secretOf("the-old-secret-of-good-length", { id: "old", isPrevious: true, expiresAt: NOW + 1 });
  const both = [secretOf(SECRET), old];
  test("both verify, and the old one is named as such", () => {
    expect(signature(`sha256=${hex()}`, both)).toMatchObject({ ok: true, by: "signature", secretId: "present" });
    const verdict = signature(`sha256=${hex(BODY, old.value)}`, both);
    expect(verdict).toMatchObject({ ok: true, by: "signature (previous secret)", secretId: "old" });
  });

  test("the old one is refused from the moment its overlap ends, loaded or not (A21)", () => {
    const expired = { ...old, expiresAt: NOW };
    expect(reasonOf(signature(`sha256=${hex(BODY, old.value)}`, [secretOf(SECRET), expired]))).toBe("mismatch");
    const token = { ...expired, purpose: "token" as const };
    const verifier = createVerifier({ type: "token", header: "x-token", prefix: "" }, OVERWATCH, [token]);
    expect(reasonOf(verifier.verify(headersOf(["x-token", old.value]), BODY, NOW))).toBe("mismatch");
  });
});

describe("a signature with a timestamp", () => {
  const grafana: Verification = { type: "signature", header: "X-My-Signature", timestamp_header: "X-My-Time" };
  const verifier = createVerifier(grafana, hmacHeader({ header: "x-grafana-alerting-signature" }), [secretOf(SECRET)]);
  const at = (time: string, signedTime = time): Verdict =>
    verifier.verify(headersOf(["x-my-signature", hex(`${signedTime}:${BODY}`)], ["x-my-time", time]), BODY, NOW);

  test("covers `<time>:<body>` in the headers that the integration names, and names a replay", () => {
    expect(at(SECONDS)).toMatchObject({ ok: true, replayKey: `mac:${hex(`${SECONDS}:${BODY}`)}` });
  });

  test.each([
    ["five minutes old", -300, "ok"],
    ["five minutes ahead", 300, "ok"],
    ["older (A17)", -301, "expired"],
    ["further ahead (A19)", 301, "expired"],
  ])("is judged by its tolerance: %s", (_name, offset, reason) => {
    expect(reasonOf(at(String(Number(SECONDS) + offset)))).toBe(reason);
  });

  test("is refused when a fresh time stands over an old signature (A18)", () => {
    expect(reasonOf(at(SECONDS, String(Number(SECONDS) - 1_000)))).toBe("mismatch");
  });

  test.each([
    `${SECONDS}abc`,
    "1e9",
    `${SECONDS}.0`,
    `${NOW}`,
    `-${SECONDS}`,
    `+${SECONDS}`,
    `0${SECONDS}`,
    `0x${SECONDS}`,
    ` ${SECONDS}`,
    "",
    "٠١٢٣٤٥٦٧٨٩",
  ])("is refused as malformed when the time reads %j, although it is signed (A19)", (time) => {
    expect(reasonOf(at(time))).toBe("malformed");
  });

  test("is refused when the time is missing or comes twice", () => {
    const proof = hex(`${SECONDS}:${BODY}`);
    expect(reasonOf(verifier.verify(headersOf(["x-my-signature", proof]), BODY, NOW))).toBe("missing");
    const twice = headersOf(["x-my-signature", proof], ["x-my-time", SECONDS], ["X-My-Time", SECONDS]);
    expect(reasonOf(verifier.verify(twice, BODY, NOW))).toBe("malformed");
  });
});

describe("a configured HMAC", () => {
  test.each([
    ["sha256", "hex"],
    ["sha256", "base64"],
    ["sha512", "hex"],
    ["sha512", "base64"],
  ] as const)("works with %s in %s and refuses the other forms", (algorithm, encoding) => {
    const settings: Verification = { type: "hmac", header: "X-Sig", prefix: "sig:", algorithm, encoding };
    const verifier = createVerifier(settings, OVERWATCH, [secretOf(SECRET)]);
    const mac = createHmac(algorithm, SECRET).update(BODY);
    const digest = mac.digest();
    const say = (value: string): string => reasonOf(verifier.verify(headersOf(["x-sig", value]), BODY, NOW));
    expect(say(`sig:${digest.toString(encoding)}`)).toBe("ok");
    expect(say(`sig:${digest.toString(encoding === "hex" ? "base64" : "hex")}`)).toBe("malformed");
    expect(say(`sig:${digest.toString("base64url")}`)).toBe("malformed");
    const other = createHash(algorithm).update(BODY).digest(encoding);
    expect(say(`sig:${other}`)).toBe("mismatch");
  });

  test("is not fooled by header names that every object has", () => {
    for (const header of ["__proto__", "constructor", "hasownproperty"]) {
      const settings: Verification = { type: "hmac", header, prefix: "", algorithm: "sha256", encoding: "hex" };
      const verifier = createVerifier(settings, OVERWATCH, [secretOf(SECRET)]);
      expect(reasonOf(verifier.verify(headersOf(), BODY, NOW))).toBe("missing");
    }
  });
});

describe("Standard Webhooks", () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const verifier = createVerifier({ type: "standard_webhooks" }, OVERWATCH, [secretOf(secret)]);
  const proofOf = (id: string, seconds: string, body: Buffer | string = BODY): string =>
    `v1,${createHmac("sha256", Buffer.alloc(32, 7)).update(`${id}.${seconds}.${body}`).digest("base64")}`;
  const say = (id: string, time: string, proof: string, body: Buffer = BODY): Verdict =>
    verifier.verify(
      headersOf(["webhook-id", id], ["webhook-timestamp", time], ["webhook-signature", proof]),
      body,
      NOW,
    );

  test("believes what the standard's own library signed", () => {
    const proof = new Webhook(secret).sign("msg_1", new Date(NOW), BODY.toString());
    expect(say("msg_1", SECONDS, proof)).toMatchObject({ ok: true, by: "standard_webhooks", replayKey: "id:msg_1" });
    expect(reasonOf(say("msg_1", SECONDS, `v1,${"A".repeat(43)}= ${proof} v1a,xyz`))).toBe("ok");
  });

  test("refuses bytes moved between id, time and body (A11)", () => {
    const body = Buffer.from(`${SECONDS}.{}`);
    const proof = proofOf("msg", SECONDS, body);
    expect(reasonOf(say("msg", SECONDS, proof, body))).toBe("ok");
    expect(reasonOf(say(`msg.${SECONDS}`, SECONDS, proof, Buffer.from("{}")))).toBe("malformed");
  });

  test("refuses another id, an old time, a missing part and too many candidates", () => {
    const proof = proofOf("msg", SECONDS);
    expect(reasonOf(say("other", SECONDS, proof))).toBe("mismatch");
    const old = String(Number(SECONDS) - 301);
    expect(reasonOf(say("msg", old, proofOf("msg", old)))).toBe("expired");
    expect(reasonOf(verifier.verify(headersOf(["webhook-signature", proof]), BODY, NOW))).toBe("missing");
    expect(reasonOf(say("msg", SECONDS, Array.from({ length: 9 }, () => proof).join(" ")))).toBe("malformed");
    expect(reasonOf(say("msg", SECONDS, proof.replace("v1,", "v0,")))).toBe("malformed");
    expect(reasonOf(say("msg", SECONDS, `${proof.slice(0, -1)}`))).toBe("malformed");
  });
});

describe("a token", () => {
  const tokens = [secretOf("t0ken-of-a-good-length", { purpose: "token" })];
  const own = createVerifier({ type: "token", header: "X-Token", prefix: "" }, OVERWATCH, tokens);
  const bearer = createVerifier({ type: "token", header: "Authorization", prefix: "Bearer " }, OVERWATCH, tokens);

  test("is believed in its header, and as a bearer token when that header is missing", () => {
    expect(own.verify(headersOf(["x-token", "t0ken-of-a-good-length"]), BODY, NOW)).toMatchObject({
      ok: true,
      by: "token",
    });
    expect(reasonOf(own.verify(headersOf(["authorization", "Bearer t0ken-of-a-good-length"]), BODY, NOW))).toBe("ok");
    expect(reasonOf(bearer.verify(headersOf(["authorization", "bearer t0ken-of-a-good-length"]), BODY, NOW))).toBe(
      "ok",
    );
  });

  test.each([
    ["missing", [], "missing"],
    ["wrong", [["x-token", "t0ken-of-a-good-lengtH"]], "mismatch"],
    ["a prefix of it", [["x-token", "t0ken"]], "mismatch"],
    ["empty", [["x-token", ""]], "malformed"],
    [
      "twice",
      [
        ["x-token", "t0ken-of-a-good-length"],
        ["x-token", "x"],
      ],
      "malformed",
    ],
    ["of another scheme", [["authorization", "Basic t0ken-of-a-good-length"]], "malformed"],
    [
      "wrong, with the right one beside it",
      [
        ["x-token", "no"],
        ["authorization", "Bearer t0ken-of-a-good-length"],
      ],
      "mismatch",
    ],
  ] as const)("is refused when it is %s, and is never echoed", (_name, pairs, reason) => {
    const verdict = own.verify(headersOf(...pairs), BODY, NOW);
    expect(reasonOf(verdict)).toBe(reason);
    expect(JSON.stringify(verdict)).not.toContain("t0ken");
  });
});

describe("Basic credentials", () => {
  const verifier = createVerifier({ type: "basic", username: "grafana" }, OVERWATCH, [
    secretOf("p:ss wörd", { purpose: "password" }),
  ]);
  const say = (value: string): Verdict => verifier.verify(headersOf(["authorization", value]), BODY, NOW);
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

  test("are believed when both parts match; the password may hold colons", () => {
    expect(say(basic("grafana:p:ss wörd"))).toMatchObject({ ok: true, by: "basic" });
  });

  test.each([
    [basic("grafana:wrong"), "mismatch"],
    [basic("other:p:ss wörd"), "mismatch"],
    [basic("grafana"), "malformed"],
    ["Basic !!!", "malformed"],
    ["Basic ", "malformed"],
    ["Bearer abc", "malformed"],
  ])("are refused as %j", (value, reason) => {
    const verdict = say(value);
    expect(reasonOf(verdict)).toBe(reason);
    expect(JSON.stringify(verdict)).not.toContain(value.slice(6) || "never");
  });
});

test("no verification believes everything and says so", () => {
  const verdict = createVerifier({ type: "none" }, OVERWATCH, []).verify(headersOf(), BODY, NOW);
  expect(verdict).toEqual({ ok: true, by: "none", secretId: null, replayKey: null });
});
