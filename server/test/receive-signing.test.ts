import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PLATFORM_NAMES, type Platform } from "../src/platforms/platform.ts";
import { platforms } from "../src/platforms/registry.ts";
import type { ReceivingIntegration } from "../src/receive/integration-cache.ts";
import {
  type Answer,
  openedSecret,
  openReceiveKit,
  type ReceiveKit,
  SECRET,
  storedReceipts,
} from "./support/receive-kit.ts";

let kit: ReceiveKit;
beforeAll(async () => {
  kit = await openReceiveKit();
});
afterAll(async () => {
  await kit.close();
});

type Fixture = {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly kind: string;
};

/** The samples that a platform's folder holds. */
function fixturesOf(platform: Platform): readonly Fixture[] {
  const folder = join(import.meta.dirname, "../src/platforms", platform.name, "fixtures");
  return readdirSync(folder).map((name) => {
    const fixture = JSON.parse(readFileSync(join(folder, name), "utf8"));
    return {
      name,
      headers: fixture.headers,
      body: Buffer.from(JSON.stringify(fixture.payload)),
      kind: fixture.expect.kind,
    };
  });
}

function signatureOf(platform: Platform, body: Buffer, secret: string): string {
  const { algorithm, encoding, prefix } = platform.signature;
  return prefix + createHmac(algorithm, secret).update(body).digest(encoding);
}

const OLD_SECRET = "the-old-secret-of-good-length";
const EXPIRED_SECRET = "a-secret-of-the-day-before";

describe.each(platforms.map((platform) => [platform.name, platform] as const))("%s", (_name, platform) => {
  let integration: ReceivingIntegration;
  beforeAll(() => {
    integration = kit.add({
      platform: platform.name,
      secrets: [
        openedSecret(SECRET),
        openedSecret(OLD_SECRET, { isPrevious: true, expiresAt: kit.clock.now() + 1_000 }),
        openedSecret(EXPIRED_SECRET, { isPrevious: true, expiresAt: kit.clock.now() }),
      ],
    });
  });
  const send = (fixture: Fixture, signature: string | null, body: Buffer = fixture.body): Promise<Answer> =>
    kit.send({
      path: `/api/v1/webhooks/${platform.name}/${integration.id}`,
      headers: { ...fixture.headers, ...(signature === null ? {} : { [platform.signature.header]: signature }) },
      body,
    });
  const reasonOf = (answer: Answer): unknown => [answer.status, answer.json.error?.details.reason];

  test("accepts every sample of its folder, signed as the platform signs, and says what triage will say", async () => {
    for (const fixture of fixturesOf(platform)) {
      const answer = await send(fixture, signatureOf(platform, fixture.body, SECRET));
      expect([fixture.name, answer.status]).toEqual([fixture.name, 200]);
      const status = fixture.kind === "unreadable" ? "quarantined" : "queued";
      expect([fixture.name, answer.json.data?.processing_status]).toEqual([fixture.name, status]);
      if (fixture.kind === "signals") expect(typeof answer.json.data?.alert_id).toBe("string");
    }
  });

  test("refuses one flipped byte, a missing header and a secret that is no longer live, each for its reason", async () => {
    const before = (await storedReceipts(kit, integration.id)).length;
    for (const fixture of fixturesOf(platform).slice(0, 3)) {
      const good = signatureOf(platform, fixture.body, SECRET);
      const flipped = Buffer.from(fixture.body);
      flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
      expect(reasonOf(await send(fixture, good, flipped))).toEqual([401, "mismatch"]);
      expect(reasonOf(await send(fixture, null))).toEqual([401, "missing"]);
      expect(reasonOf(await send(fixture, signatureOf(platform, fixture.body, EXPIRED_SECRET)))).toEqual([
        401,
        "mismatch",
      ]);
      expect(reasonOf(await send(fixture, good.slice(0, -1)))).toEqual([401, "malformed"]);
    }
    expect(await storedReceipts(kit, integration.id)).toHaveLength(before);
  });

  test("accepts the old secret while a rotation lasts, and notes it on the receipt", async () => {
    const [fixture] = fixturesOf(platform);
    if (fixture === undefined) throw new Error("no fixture");
    const body = Buffer.concat([fixture.body, Buffer.from(" ")]);
    expect((await send(fixture, signatureOf(platform, body, OLD_SECRET), body)).status).toBe(200);
    expect((await storedReceipts(kit, integration.id)).at(-1)?.verified_by).toBe("signature (previous secret)");
  });
});

test("every platform that has a name is tested here", () => {
  expect(platforms.map((platform) => platform.name)).toEqual(PLATFORM_NAMES);
});
