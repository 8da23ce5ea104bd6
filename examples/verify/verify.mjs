// Receives Overwatch's webhooks and checks that each was signed with the endpoint's secret.
// Node 18 or newer and no packages:  SECRET=whsec_… PORT=8080 node verify.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

// ---- copy from here: signingKey once, when the program starts; isGenuine for every request ----

const TOLERANCE_SECONDS = 300;

/** The key inside a `whsec_…` secret; throws when the secret was cut or mistyped. */
function signingKey(secret) {
  const encoded = secret.replace(/^whsec_/, "");
  const key = Buffer.from(encoded, "base64");
  if (encoded === secret || key.toString("base64") !== encoded || key.length < 24) {
    throw new Error("the secret must be whsec_ followed by base64, exactly as Overwatch showed it");
  }
  return key;
}

/** True when `body`, the bytes as they came, was signed with the key and sent within the last five minutes. */
function isGenuine(key, headers, body, nowSeconds = Date.now() / 1000) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (!id || !timestamp || !signatures) return false;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${mac}`);
  // Several signatures come while a secret is being rotated; one that matches suffices.
  return signatures.split(" ").some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// ---- to here; the rest is a small server around it ----

const BODY_LIMIT_BYTES = 1_048_576;
const REMEMBERED_IDS = 10_000;
const seenIds = new Set();

/** The raw bytes of a request, or null when there are too many. */
async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return size <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : null;
}

/** What a receiver does with a genuine event; here it prints one line of JSON. */
function handleEvent(id, body) {
  const text = body.toString();
  let event = text;
  try {
    event = JSON.parse(text);
  } catch {
    // A text template makes a body that is not JSON.
  }
  console.log(JSON.stringify({ id, event }));
}

async function receive(key, request, response) {
  const body = await readBody(request);
  if (body === null) return response.writeHead(413).end();
  if (!isGenuine(key, request.headers, body)) return response.writeHead(401).end();
  const id = request.headers["webhook-id"];
  // A retry has the id of the first try: answer it as done, so that it ends, and do nothing twice.
  if (!seenIds.has(id)) {
    handleEvent(id, body);
    seenIds.add(id);
    if (seenIds.size > REMEMBERED_IDS) seenIds.delete(seenIds.values().next().value);
  }
  return response.writeHead(204).end();
}

const { SECRET = "", HOST = "127.0.0.1", PORT = "8080" } = process.env;
const key = signingKey(SECRET);
const server = createServer((request, response) => {
  // A sender that hangs up in the middle of its body has nobody left to answer.
  receive(key, request, response).catch(() => response.destroy());
});
server.listen(Number(PORT), HOST, () => console.log(`Listening on http://${HOST}:${server.address().port}`));
