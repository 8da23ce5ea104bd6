import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

// The limit that Overwatch is measured against: it checks the signature, parses the body and answers; it keeps nothing.
const secret = "benchmark-secret-of-the-bare-server";

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    const given = Buffer.from(String(request.headers["x-datadog-signature"] ?? ""));
    const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
    const isValid = given.length === expected.length && timingSafeEqual(given, expected);
    const parsed: unknown = isValid ? JSON.parse(body.toString("utf8")) : null;
    const answer = JSON.stringify({ success: parsed !== null });
    response.writeHead(isValid ? 200 : 401, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) process.stdout.write(`${address.port}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();
