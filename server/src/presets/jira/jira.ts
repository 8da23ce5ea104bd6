// Jira Cloud, create issue, version 3 with the Atlassian Document Format:
// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ and
// https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/. A summary is one line of
// at most 255 characters, a description 32,767, a label 255 without spaces; text nodes may not be empty.

import type { JsonObject } from "../../core/json.ts";
import { FIRING, HAS_URL, LABELS, SOURCE, titleWithin } from "../phrases.ts";
import { JSON_HEADERS, type Preset } from "../preset.ts";

const text = (value: string): JsonObject => ({ type: "text", text: value });
const paragraph = (...content: JsonObject[]): JsonObject => ({ type: "paragraph", content });

const LINK_NODE =
  "{'type': 'text', 'text': l.text.truncate(100) + ' ', 'marks': [{'type': 'link', 'attrs': {'href': l.href}}]}";
const URL_NODE =
  "{'type': 'text', 'text': 'Open in Overwatch ', 'marks': [{'type': 'link', 'attrs': {'href': incident.url}}]}";

/** Creates a Jira issue. */
export const jira: Preset = {
  name: "jira",
  title: "Jira",
  variables: [{ name: "credentials", about: "The base64 of e-mail:API token, of a user who may create issues" }],
  endpoints: [
    {
      title: "Create an issue",
      urlHint: "https://SITE.atlassian.net/rest/api/3/issue",
      method: "POST",
      headers: { Authorization: "Basic {{credentials}}", Accept: "application/json", ...JSON_HEADERS },
      events: ["incident.created"],
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
                    "{{ format_time(incident.created_at, 'YYYY-MM-DD HH:mm') }} UTC",
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
    },
  ],
  notes: [
    "Put your project's key and issue type into the template in place of OPS and Task. What is required on the project's create screen must be in `fields`.",
    "This preset creates issues and does not change them: comments and transitions have longer paths than creating, and what `capture` keeps of the answer, such as the issue's key, is known to the same endpoint alone.",
    "To close issues as well, let a rule of Jira Automation with an incoming webhook do it: a second endpoint with the `generic` preset and `incident.resolved`.",
    "The severity is a label. Where Priority is on the create screen, add `\"priority\": {\"name\": \"{{ {'critical': 'Highest', 'high': 'High', 'medium': 'Medium', 'low': 'Low', 'info': 'Lowest'}[incident.severity] }}\"}`.",
    "A delivery that is repeated after a lost answer creates a second issue.",
  ],
};
