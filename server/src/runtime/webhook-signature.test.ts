import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { generateSecret, isSigningSecret, SignatureError, signDelivery } from "./webhook-signature.ts";

const now = () => Math.floor(Date.now() / 1_000);
const accepts = (secret: string, body: string, headers: Record<string, string>): boolean => {
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
};

test("what is signed here is accepted by the reference verifier, whatever the body", () => {
  const secret = generateSecret(randomBytes);
  fc.assert(
    fc.property(fc.uuid(), fc.string({ unit: "grapheme" }), fc.boolean(), (id, body, asBytes) => {
      const headers = signDelivery({
        id,
        timestampSeconds: now(),
        body: asBytes ? Buffer.from(body) : body,
        secrets: [secret],
      });
      expect(accepts(secret, body, headers)).toBe(true);
      expect(accepts(secret, `${body} `, headers)).toBe(false);
      expect(accepts(secret, body, { ...headers, "webhook-id": `${id}0` })).toBe(false);
    }),
  );
});

test("the example of the Standard Webhooks library gives its published signature", () => {
  const headers = signDelivery({
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestampSeconds: 1_614_265_330,
    body: '{"test": 2432232314}',
    secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  });
  expect(headers).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("during a rotation both the new and the old secret verify, and no third one does", () => {
  const [fresh, old, other] = [generateSecret(randomBytes), generateSecret(randomBytes), generateSecret(randomBytes)];
  const headers = signDelivery({ id: "d1", timestampSeconds: now(), body: "{}", secrets: [fresh, old] });
  expect(headers["webhook-signature"].split(" ")).toHaveLength(2);
  expect([fresh, old, other].map((secret) => accepts(secret, "{}", headers))).toEqual([true, true, false]);
});

test("bytes that are not text are signed as they are", () => {
  const secret = generateSecret(randomBytes);
  const sign = (body: Uint8Array) =>
    signDelivery({ id: "d1", timestampSeconds: 1, body, secrets: [secret] })["webhook-signature"];
  expect(sign(Uint8Array.of(0xff))).not.toBe(sign(Uint8Array.of(0xfe)));
});

test("nothing is ever signed with a missing or unusable secret, and the refusal does not show it", () => {
  const short = `whsec_${Buffer.alloc(16, 7).toString("base64")}`;
  const unusable = ["", "whsec_", short, generateSecret(randomBytes).slice(6), `${generateSecret(randomBytes)}!`];
  for (const secret of unusable) {
    const sign = () => signDelivery({ id: "d1", timestampSeconds: 1, body: "", secrets: [secret] });
    expect(sign).toThrow(SignatureError);
    if (secret.length > 6) expect(sign).not.toThrow(secret);
    expect(isSigningSecret(secret)).toBe(false);
  }
  expect(() => signDelivery({ id: "d1", timestampSeconds: 1, body: "", secrets: [] })).toThrow(SignatureError);
});

test("an id or a timestamp that would make the signed text ambiguous is refused", () => {
  const secrets = [generateSecret(randomBytes)];
  expect(() => signDelivery({ id: "a.1", timestampSeconds: 1, body: "", secrets })).toThrow(SignatureError);
  expect(() => signDelivery({ id: "a", timestampSeconds: 1.5, body: "", secrets })).toThrow(SignatureError);
});

test("a generated secret is whsec_ and base64 of 32 bytes of the given randomness", () => {
  expect(generateSecret((size) => Buffer.alloc(size, 1))).toBe(`whsec_${Buffer.alloc(32, 1).toString("base64")}`);
  expect(isSigningSecret(generateSecret(randomBytes))).toBe(true);
});
