// A small ticket server in memory, such as Overwatch meets in the world: it makes tickets, changes them and closes them,
// each by another method and address, and takes them from nobody but Overwatch.
// Node 18 or newer and no packages:  SECRET=whsec_… PORT=9900 node tickets.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const TOLERANCE_SECONDS = 300;
const BODY_LIMIT_BYTES = 1_048_576;
const REMEMBERED_ANSWERS = 10_000;

const { SECRET = "", HOST = "127.0.0.1", PORT = "9900" } = process.env;
const key = Buffer.from(SECRET.replace(/^whsec_/, ""), "base64");
if (!SECRET.startsWith("whsec_") || key.length < 24) throw new Error("SECRET must be the endpoint's whsec_… secret");

/** True when the bytes were signed with the secret within the last five minutes. */
function isGenuine(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (!id || !signatures || !/^\d{1,12}$/.test(timestamp ?? "")) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${mac}`);
  return signatures.split(" ").some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const tickets = new Map();
// A delivery that comes again gets the answer of the first time, so that no ticket is made twice.
const answers = new Map();

function create({ title, priority, incident }) {
  const ticket = { id: `T-${tickets.size + 1}`, title, priority, incident, state: "open", history: ["created"] };
  tickets.set(ticket.id, ticket);
  return { status: 201, body: ticket };
}

function change(id, fields) {
  const ticket = tickets.get(id);
  if (ticket === undefined) return { status: 404, body: { error: "there is no such ticket" } };
  const { title = ticket.title, priority = ticket.priority, event = "changed" } = fields;
  Object.assign(ticket, { title, priority, history: [...ticket.history, event] });
  return { status: 200, body: ticket };
}

function close(id, { reason = "closed" }) {
  const ticket = tickets.get(id);
  if (ticket === undefined) return { status: 404, body: { error: "there is no such ticket" } };
  Object.assign(ticket, { state: "closed", history: [...ticket.history, reason] });
  return { status: 200, body: ticket };
}

function act(method, path, fields) {
  const [, collection, id, action] = path.split("/");
  if (collection !== "tickets") return { status: 404, body: { error: "there is nothing here" } };
  if (method === "POST" && id === undefined) return create(fields);
  if (method === "PATCH" && action === undefined) return change(id, fields);
  if (method === "POST" && action === "close") return close(id, fields);
  return { status: 405, body: { error: "this cannot be done here" } };
}

async function handle(request, response) {
  const say = ({ status, body }) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.method === "GET") return say({ status: 200, body: [...tickets.values()] });
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  if (size > BODY_LIMIT_BYTES) return say({ status: 413, body: { error: "too large" } });
  const body = Buffer.concat(chunks);
  if (!isGenuine(request.headers, body)) return say({ status: 401, body: { error: "not signed by Overwatch" } });
  const id = request.headers["webhook-id"];
  const known = answers.get(id);
  if (known !== undefined) return say(known);
  const answer = act(request.method, request.url, JSON.parse(body.toString()));
  if (answer.status < 400) answers.set(id, answer);
  if (answers.size > REMEMBERED_ANSWERS) answers.delete(answers.keys().next().value);
  console.log(`${request.method} ${request.url} ${answer.status}`);
  return say(answer);
}

const server = createServer((request, response) => {
  handle(request, response).catch(() => (response.headersSent ? response.destroy() : response.writeHead(400).end()));
});
server.listen(Number(PORT), HOST, () => console.log(`Listening on http://${HOST}:${server.address().port}`));
