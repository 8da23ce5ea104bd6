"""Sends a signed alert to a custom integration. Python 3.9 or newer and no packages:

WEBHOOK_URL=… SECRET=… python3 send-alert.py firing disk/db-1 "Disk is full on db-1" critical
WEBHOOK_URL=… SECRET=… python3 send-alert.py resolved disk/db-1 "Disk is full on db-1"
"""

import hashlib
import hmac
import http.client
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone

# ---- copy from here ----

ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 60


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A POST that is redirected arrives as a GET, whose 200 would say nothing about the alert."""

    def redirect_request(self, *_):
        return None


def post(webhook_url, headers, body):
    """One try: the status of the answer (0 when there was none), its text, and how many seconds it asks us to wait."""
    try:
        request = urllib.request.Request(webhook_url, body, headers)
        with urllib.request.build_opener(NoRedirect).open(request, timeout=10) as answer:
            return answer.status, answer.read().decode("utf-8", "replace"), ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace"), error.headers.get("Retry-After", "")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error), ""


def send_alert(webhook_url, secret, alert):
    """Sends an alert and returns Overwatch's answer; raises OSError when it was refused or could not be delivered."""
    # Made once: what is signed must be the bytes that are sent, on every attempt.
    body = json.dumps({"timestamp": datetime.now(timezone.utc).isoformat(), **alert}).encode()
    mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Overwatch-Signature": f"sha256={mac}"}
    for attempt in range(ATTEMPTS):
        status, text, retry_after = post(webhook_url, headers, body)
        # Only a 200 promises that the alert is kept.
        if status == 200:
            return json.loads(text)
        is_worth_retrying = status in (0, 429) or status >= 500
        if not is_worth_retrying or attempt == ATTEMPTS - 1:
            raise OSError(f"{status or 'no answer'}: {text}")
        seconds = int(retry_after) if re.fullmatch("[0-9]{1,9}", retry_after) else 2**attempt
        time.sleep(min(seconds, LONGEST_WAIT_SECONDS))


# ---- to here ----


def main():
    webhook_url, secret = os.environ.get("WEBHOOK_URL"), os.environ.get("SECRET")
    status, dedup_key, title, severity = (sys.argv[1:] + [""] * 4)[:4]
    if not webhook_url or not secret or status not in ("firing", "resolved") or not dedup_key or not title:
        usage = "usage: WEBHOOK_URL=… SECRET=… python3 send-alert.py firing|resolved DEDUP_KEY TITLE [SEVERITY]"
        print(usage, file=sys.stderr)
        sys.exit(2)
    alert = {"dedup_key": dedup_key, "status": status, "title": title, "severity": severity or "medium"}
    try:
        print(json.dumps(send_alert(webhook_url, secret, alert)))
    except (OSError, ValueError) as error:
        sys.exit(f"The alert was not accepted: {error}")


if __name__ == "__main__":
    main()
