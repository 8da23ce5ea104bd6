import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CONFIG_KEYS } from "../src/config.ts";
import { generateSecret, signDelivery } from "../src/runtime/webhook-signature.ts";
import {
  buildGo,
  type Command,
  commandOf,
  EXAMPLES,
  findGo,
  findPython,
  type Listening,
  runToEnd,
  startListening,
} from "./support/example-program.ts";

const isRequired = process.env.REQUIRE_EXAMPLES === "1";
const python = findPython();
const go = findGo();
if (python === null) process.stderr.write("\nSKIPPED: Python 3.9 is not installed; verify.py is not tested.\n\n");
if (go === null)
  process.stderr.write("\nSKIPPED: Go is not installed (apt-get install golang-go); verify.go is not tested.\n\n");

const LONGEST_BUILD_MS = 240_000;

const SECRET = generateSecret((size) => Buffer.alloc(size, 7));
const OTHER_SECRET = generateSecret((size) => Buffer.alloc(size, 8));
const BODY = Buffer.from('{"type":"incident.created", "data":{"title":"Größe über 90 %"}}');

type Message = { readonly headers: Record<string, string>; readonly body: Buffer; readonly method: string };
type Signer = (id: string, seconds: number, body: Buffer, secrets: readonly string[]) => Record<string, string>;

const SIGNERS: Readonly<Record<string, Signer>> = {
  Overwatch: (id, timestampSeconds, body, secrets) => ({ ...signDelivery({ id, timestampSeconds, body, secrets }) }),
  standardwebhooks: (id, seconds, body, secrets) => ({
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": secrets
      .map((secret) => new Webhook(secret).sign(id, new Date(seconds * 1_000), body))
      .join(" "),
  }),
};

let messages = 0;

/** A message of its own id, signed by Overwatch with SECRET just now, unless said otherwise. */
function message(
  more: { secrets?: string[]; ageSeconds?: number; body?: Buffer; signer?: Signer; id?: string } = {},
): Message {
  const { secrets = [SECRET], ageSeconds = 0, body = BODY, signer = SIGNERS.Overwatch } = more;
  messages += 1;
  const seconds = Math.floor(Date.now() / 1_000) - ageSeconds;
  const headers = signer?.(more.id ?? `msg_${messages}`, seconds, body, secrets) ?? {};
  return { headers, body, method: "POST" };
}

function withHeader(sent: Message, name: string, change: (value: string) => string): Message {
  return { ...sent, headers: { ...sent.headers, [name]: change(sent.headers[name] ?? "") } };
}

function withoutHeader(sent: Message, name: string): Message {
  return { ...sent, headers: Object.fromEntries(Object.entries(sent.headers).filter(([key]) => key !== name)) };
}

async function send(listening: Listening, sent: Message): Promise<number> {
  const { method, headers, body } = sent;
  const answer = await fetch(`${listening.url}/incidents`, { method, headers, body: new Uint8Array(body) });
  await answer.arrayBuffer();
  return answer.status;
}

/** Flips the lowest bit of one byte. */
function flipped(body: Buffer, index: number): Buffer {
  return Buffer.from(body.map((byte, at) => (at === index ? byte ^ 1 : byte)));
}

const ACCEPTED: Readonly<Record<string, () => Message>> = {
  "signed by Overwatch": () => message(),
  "signed by the reference library": () => message({ signer: SIGNERS.standardwebhooks as Signer }),
  "signed with the new and the old secret of a rotation, of which it knows the old": () =>
    message({ secrets: [OTHER_SECRET, SECRET] }),
  "with a signature of a later version beside its own": () =>
    withHeader(message(), "webhook-signature", (value) => `v2,AAAA v1a,BBBB= ${value}`),
  "that is almost five minutes old": () => message({ ageSeconds: 280 }),
  "that is almost five minutes ahead": () => message({ ageSeconds: -280 }),
  "whose body is no text at all": () => message({ body: Buffer.from([0, 255, 254, 10, 13, 10]) }),
  "without a body": () => message({ body: Buffer.alloc(0) }),
  "sent with PATCH": () => ({ ...message(), method: "PATCH" }),
  "sent with DELETE": () => ({ ...message(), method: "DELETE" }),
};

const REFUSED: Readonly<Record<string, () => Message>> = {
  "whose body has one bit flipped at its beginning": () => ({ ...message(), body: flipped(BODY, 0) }),
  "whose body has one bit flipped at its end": () => ({ ...message(), body: flipped(BODY, BODY.length - 1) }),
  "whose body was parsed and written again": () => ({
    ...message(),
    body: Buffer.from(JSON.stringify(JSON.parse(BODY.toString()))),
  }),
  "whose signature has one character changed": () =>
    withHeader(message(), "webhook-signature", (value) =>
      value.replace(/^v1,./, (start) => (start === "v1,A" ? "v1,B" : "v1,A")),
    ),
  "whose signature was cut": () => withHeader(message(), "webhook-signature", (value) => value.slice(0, -4)),
  "whose signature is empty": () => withHeader(message(), "webhook-signature", () => "v1,"),
  "whose signature names another version": () =>
    withHeader(message(), "webhook-signature", (value) => value.replace("v1,", "v2,")),
  "whose signature has no version": () =>
    withHeader(message(), "webhook-signature", (value) => value.replace("v1,", "")),
  "signed with a secret that it does not know": () => message({ secrets: [OTHER_SECRET] }),
  "that is older than five minutes": () => message({ ageSeconds: 310 }),
  "that is more than five minutes ahead": () => message({ ageSeconds: -310 }),
  "whose time was moved by a second": () =>
    withHeader(message(), "webhook-timestamp", (value) => String(Number(value) - 1)),
  "whose time is not a number": () => withHeader(message(), "webhook-timestamp", () => "now"),
  "whose time is in another spelling": () => withHeader(message(), "webhook-timestamp", (value) => `+${value}`),
  "whose id was changed": () => withHeader(message(), "webhook-id", (value) => `${value}0`),
  "without an id": () => withoutHeader(message(), "webhook-id"),
  "without a time": () => withoutHeader(message(), "webhook-timestamp"),
  "without a signature": () => withoutHeader(message(), "webhook-signature"),
};

const VERIFIERS = [
  { file: "verify/verify.mjs", isFound: true },
  { file: "verify/verify.py", isFound: python !== null },
  { file: "verify/verify.go", isFound: go !== null },
];

describe.each(VERIFIERS.filter(({ isFound }) => isFound || isRequired))("the receiver $file", ({ file }) => {
  let command: Command;
  let listening: Listening;
  let remove = (): void => undefined;
  beforeAll(async () => {
    if (file.endsWith(".go")) ({ command, remove } = await buildGo(join(EXAMPLES, file)));
    else command = commandOf(file);
    listening = await startListening(command, SECRET);
  }, LONGEST_BUILD_MS);
  afterAll(async () => {
    await listening?.stop();
    remove();
  });

  test.each(Object.keys(ACCEPTED))("accepts a webhook %s", async (name) => {
    expect(await send(listening, ACCEPTED[name]?.() ?? message({ secrets: [OTHER_SECRET] }))).toBe(204);
  });

  test.each(Object.keys(REFUSED))("refuses a webhook %s", async (name) => {
    expect(await send(listening, REFUSED[name]?.() ?? message())).toBe(401);
  });

  test("prints each accepted event once, answers its retry 204 as well, and prints nothing that it refused", async () => {
    const own = await startListening(command, SECRET);
    onTestFinished(async () => void (await own.stop()));
    const first = message({ id: "msg_first" });
    const retry = message({ id: "msg_first", ageSeconds: -1 });
    const text = message({ id: "msg_text", body: Buffer.from("a text\nof two lines") });
    const statuses = [];
    for (const sent of [first, first, retry, message({ secrets: [OTHER_SECRET] }), text]) {
      statuses.push(await send(own, sent));
    }
    const lines = await own.stop();
    expect(statuses).toEqual([204, 204, 204, 401, 204]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { id: "msg_first", event: JSON.parse(BODY.toString()) },
      { id: "msg_text", event: "a text\nof two lines" },
    ]);
  });

  test("does not take a refused webhook for a first try of its id", async () => {
    const own = await startListening(command, SECRET);
    onTestFinished(async () => void (await own.stop()));
    const genuine = message({ id: "msg_forged_first" });
    expect(await send(own, { ...genuine, body: flipped(BODY, 3) })).toBe(401);
    expect(await send(own, genuine)).toBe(204);
    expect(await own.stop()).toHaveLength(1);
  });

  test.each([
    ["no secret", ""],
    ["a secret without its prefix", SECRET.replace("whsec_", "")],
    ["a secret that was cut", SECRET.slice(0, -3)],
    ["a secret that is nothing but the prefix", "whsec_"],
  ])("does not start with %s, and keeps it out of its message", async (_name, secret) => {
    const ended = await runToEnd(command, { SECRET: secret, PORT: "0" });
    expect(ended.code).not.toBe(0);
    expect(ended.errors).toContain("the secret must be whsec_ followed by base64");
    if (secret.length > 6) expect(ended.output + ended.errors).not.toContain(secret.slice(6));
  });
});

test("the worked example of the page on verifying is what Overwatch and the reference library make", () => {
  const page = readFileSync(join(EXAMPLES, "verify/README.md"), "utf8");
  const fieldOf = (name: string): string => new RegExp(`^${name}: *(.+)$`, "m").exec(page)?.[1] ?? "";
  const [id, seconds, body] = [
    fieldOf("webhook-id"),
    Number(fieldOf("webhook-timestamp")),
    Buffer.from(fieldOf("body")),
  ];
  for (const signer of Object.values(SIGNERS)) {
    expect(signer(id, seconds, body, [fieldOf("secret")])["webhook-signature"]).toBe(fieldOf("webhook-signature"));
  }
});

test("the image gets the manifest of every workspace, and copies nothing that is not there", () => {
  const root = join(EXAMPLES, "..");
  const lines = readFileSync(join(root, "Dockerfile"), "utf8").split("\n");
  const copied = lines
    .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
    .flatMap((line) => line.split(" ").slice(1, -1));
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { workspaces: string[] };
  expect(copied).toEqual(expect.arrayContaining(workspaces.map((name) => `${name}/package.json`)));
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const admitted = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
  const isAdmitted = (path: string): boolean =>
    admitted.some((line) => line === `!${path}` || line.startsWith(`!${path}/`));
  expect(copied.filter((path) => !isAdmitted(path))).toEqual([]);
});

test("the deployment examples set nothing that Overwatch does not read", () => {
  const known = new Set<string>(
    CONFIG_KEYS.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name])),
  );
  for (const file of ["compose/compose.yaml", "systemd/overwatch.service", "systemd/overwatch.env"]) {
    const text = readFileSync(join(EXAMPLES, file), "utf8");
    const names = [...text.matchAll(/\b(?:OVERWATCH_[A-Z_]+|DATABASE_URL(?:_FILE)?|LOG_LEVEL)\b/g)].map(
      ([name]) => name,
    );
    expect(names.length, file).toBeGreaterThan(0);
    expect(
      names.filter((name) => !known.has(name)),
      file,
    ).toEqual([]);
  }
});
