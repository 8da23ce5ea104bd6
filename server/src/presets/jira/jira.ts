// Jira Cloud, create issue, version 3 with the Atlassian Document Format:
// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ and
// https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/. A summary is one line of
// at most 255 characters, a description 32,767, a label 255 without spaces; text nodes may not be empty.

import type { JsonObject } from "../../core/json.ts";
import type { Override } from "../../core/override.ts";
import { FIRING, HAS_URL, LABELS, SOURCE, standsIn, titleWithin } from "../phrases.ts";
import { JSON_HEADERS, type Preset } from "../preset.ts";

const text = (value: string): JsonObject => ({ type: "text", text: value });
const paragraph = (...content: JsonObject[]): JsonObject => ({ type: "paragraph", content });

const LINK_NODE =
  "{'type': 'text', 'text': l.text.truncate(100) + ' ', 'marks': [{'type': 'link', 'attrs': {'href': l.href}}]}";
const URL_NODE =
  "{'type': 'text', 'text': 'Open in Overwatch ', 'marks': [{'type': 'link', 'attrs': {'href': incident.url}}]}";

const ISSUES = "https://SITE.atlassian.net/rest/api/3/issue";

const COMMENT: Override = {
  url: `${ISSUES}/{{ link.issue_key }}/comment`,
  template: {
    body: {
      type: "doc",
      version: 1,
      content: [
        paragraph(
          text(
            `Incident #{{ incident.number }} is {{ incident.status }}, severity {{ incident.severity }}, ${FIRING}.`,
          ),
        ),
      ],
    },
  },
};

const moveBy = (transition: string): Override => ({
  url: `${ISSUES}/{{ link.issue_key }}/transitions`,
  template: { transition: { id: transition } },
});

/** Creates a Jira issue, comments on it and moves it. */
export const jira: Preset = {
  name: "jira",
  title: "Jira",
  variables: [{ name: "credentials", about: "The base64 of e-mail:API token, of a user who may create issues" }],
  endpoints: [
    {
      title: "Create an issue, comment on it, move it",
      urlHint: ISSUES,
      method: "POST",
      headers: { Authorization: "Basic {{credentials}}", Accept: "application/json", ...JSON_HEADERS },
      events: [
        "incident.created",
        "incident.escalated",
        "incident.acknowledged",
        "incident.resolved",
        "incident.reopened",
        "incident.merged",
      ],
      rateLimit: null,
      template: {
        fields: {
          project: { key: "OPS" },
          issuetype: { name: "Task" },
          summary: `#{{ incident.number }} {{ ${titleWithin(230)}.re_replace('\\\\s+', ' ') }}`,
          labels: ["overwatch", "severity-{{ incident.severity }}"],
          description: {
            type: "doc",
            version: 1,
            content: [
              paragraph(
                text(
                  `Severity {{ incident.severity }}, ${FIRING}, from {{ ${SOURCE} }}, opened ` +
                    "{{ format_time(incident.created_at, 'YYYY-MM-DD HH:mm') }} UTC" +
                    standsIn(" "),
                ),
              ),
              {
                type: "codeBlock",
                content: [
                  text(
                    "{{ incident.title }}{% if incident.description != '' %}\n{{ incident.description.truncate(2500) }}{% endif %}",
                  ),
                ],
              },
              paragraph(text(`Labels: {{ ${LABELS} }}`)),
              {
                type: "paragraph",
                content:
                  `{{ (${HAS_URL} ? [${URL_NODE}] : []) + ` +
                  `incident.links.filter(l, l.href.size() <= 250).map(l, ${LINK_NODE}) }}`,
              },
            ],
          },
        },
      },
      capture: { issue_key: "json.key" },
      overrides: {
        "incident.escalated": COMMENT,
        "incident.acknowledged": COMMENT,
        "incident.resolved": moveBy("31"),
        "incident.merged": moveBy("31"),
        "incident.reopened": moveBy("11"),
      },
    },
  ],
  notes: [
    "Put your project's key and issue type into the template in place of OPS and Task. What is required on the project's create screen must be in `fields`.",
    "The answer to creating names the issue; `capture` keeps its key, and the later events comment on that issue or move it.",
    "31 and 11 are the transitions to Done and back to To Do in the workflow of a new project; `GET /rest/api/3/issue/KEY/transitions` lists those of yours.",
    "The severity is a label. Where Priority is on the create screen, add `\"priority\": {\"name\": \"{{ {'critical': 'Highest', 'high': 'High', 'medium': 'Medium', 'low': 'Low', 'info': 'Lowest'}[incident.severity] }}\"}`.",
    "A delivery that is repeated after a lost answer creates a second issue.",
  ],
};
