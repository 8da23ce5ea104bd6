"""Receives Overwatch's webhooks and checks that each was signed with the endpoint's secret.

Python 3.9 or newer and no packages:  SECRET=whsec_… PORT=8080 python3 verify.py
"""

import base64
import hashlib
import hmac
import json
import os
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# ---- copy from here: signing_key once, when the program starts; is_genuine for every request ----

TOLERANCE_SECONDS = 300


def signing_key(secret):
    """The key inside a `whsec_…` secret; raises ValueError when the secret was cut or mistyped."""
    try:
        key = base64.b64decode(secret[len("whsec_") :], validate=True)
    except ValueError:
        key = b""
    if not secret.startswith("whsec_") or len(key) < 24:
        raise ValueError("the secret must be whsec_ followed by base64, exactly as Overwatch showed it")
    return key


def is_genuine(key, headers, body, now=None):
    """True when `body`, the bytes as they came, was signed with the key and sent within the last five minutes."""
    message_id = headers.get("webhook-id")
    timestamp = headers.get("webhook-timestamp")
    signatures = headers.get("webhook-signature")
    if not message_id or not timestamp or not signatures:
        return False
    if not re.fullmatch("[0-9]{1,12}", timestamp):
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    # Several signatures come while a secret is being rotated; one that matches suffices.
    return any(hmac.compare_digest(signature.encode(), expected) for signature in signatures.split(" "))


# ---- to here; the rest is a small server around it ----

BODY_LIMIT_BYTES = 1_048_576
REMEMBERED_IDS = 10_000


def handle_event(message_id, body):
    """What a receiver does with a genuine event; here it prints one line of JSON."""
    text = body.decode("utf-8", "replace")
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        event = text  # a text template makes a body that is not JSON
    print(json.dumps({"id": message_id, "event": event}), flush=True)


class Receiver(BaseHTTPRequestHandler):
    key = b""
    timeout = 30
    seen_ids = {}
    lock = threading.Lock()

    def do_POST(self):
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,15}", length):
            return self.answer(411)
        if int(length) > BODY_LIMIT_BYTES:
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_genuine(self.key, self.headers, body):
            return self.answer(401)
        message_id = self.headers["webhook-id"]
        with self.lock:
            # A retry has the id of the first try: answer it as done, so that it ends, and do nothing twice.
            if message_id not in self.seen_ids:
                handle_event(message_id, body)
                self.seen_ids[message_id] = True
                if len(self.seen_ids) > REMEMBERED_IDS:
                    del self.seen_ids[next(iter(self.seen_ids))]
        return self.answer(204)

    do_PUT = do_PATCH = do_DELETE = do_POST

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Keeps the output to the events."""


if __name__ == "__main__":
    Receiver.key = signing_key(os.environ.get("SECRET", ""))
    address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080")))
    server = ThreadingHTTPServer(address, Receiver)
    print(f"Listening on http://{address[0]}:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
