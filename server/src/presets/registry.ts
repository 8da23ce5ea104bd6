import { cloudevents } from "./cloudevents/cloudevents.ts";
import { discord } from "./discord/discord.ts";
import { generic } from "./generic/generic.ts";
import { googleChat } from "./google-chat/google-chat.ts";
import { jira } from "./jira/jira.ts";
import { mattermost } from "./mattermost/mattermost.ts";
import { microsoftTeams } from "./microsoft-teams/microsoft-teams.ts";
import { opsgenie } from "./opsgenie/opsgenie.ts";
import { pagerdutyEventsV2 } from "./pagerduty-events-v2/pagerduty-events-v2.ts";
import type { Preset } from "./preset.ts";
import { servicenow } from "./servicenow/servicenow.ts";
import { slack } from "./slack/slack.ts";

/** Every preset, in the order in which people see them: chats, paging, tickets, machines. */
export const PRESETS: readonly Preset[] = [
  slack,
  microsoftTeams,
  discord,
  mattermost,
  googleChat,
  pagerdutyEventsV2,
  opsgenie,
  servicenow,
  jira,
  cloudevents,
  generic,
];

/** The preset of that name, or null. */
export function findPreset(name: string): Preset | null {
  return PRESETS.find((preset) => preset.name === name) ?? null;
}
