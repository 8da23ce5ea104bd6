#!/bin/sh
# Sends the Datadog alert of the documentation, signed, with nothing but openssl and curl.
#   WEBHOOK_URL=… SECRET=… ./send-alert.sh firing|resolved
# ALERT_ID names the condition; a resolve ends the alert of the same id.
set -eu

: "${WEBHOOK_URL:?must be the webhook_url of a Datadog integration}"
: "${SECRET:?must be the signing_secret of that integration}"
id=${ALERT_ID:-1234567890}
case $id in *[!A-Za-z0-9._-]*) echo "ALERT_ID may hold letters, digits, dots, _ and - only" >&2 && exit 2 ;; esac
case ${1:-} in
  firing) status=triggered ;;
  resolved) status=recovered ;;
  *) echo "usage: WEBHOOK_URL=… SECRET=… $0 firing|resolved" >&2 && exit 2 ;;
esac

body=$(cat <<EOT
{
  "id": "$id",
  "alert_type": "error",
  "alert_name": "High CPU Usage",
  "alert_status": "$status",
  "severity": "critical",
  "message": "CPU usage above 90%",
  "host": "web-server-01",
  "tags": ["env:production", "service:api"],
  "snapshot": "https://app.datadoghq.com/snapshot/view/cpu.png",
  "link": "https://app.datadoghq.com/monitors/1234567890"
}
EOT
)

# What is signed and what is sent must be the same bytes, so both come from the variable and neither adds a line's end.
mac=$(printf '%s' "$body" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d ' ' -f 1)

# A body that starts with a brace is never taken for a file's name. Storms and restarts answer 429 or 503: try again.
answer=$(curl --silent --show-error --max-time 15 --retry 4 \
  --header 'Content-Type: application/json' \
  --header "X-Datadog-Signature: sha256=$mac" \
  --data-binary "$body" --write-out '\nHTTP %{http_code}\n' --url "$WEBHOOK_URL") || true
printf '%s\n' "$answer"
# Only a 200 that names a receipt promises that the alert is kept; a redirect or a proxy's page does not.
case $answer in *'"receipt_id"'*"HTTP 200") exit 0 ;; *) exit 1 ;; esac
