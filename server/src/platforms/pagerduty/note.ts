import { elements, firstText, member, memberAt, type Spot, textAt } from "../reading.ts";

/** The members of an event's data, and of a V2 log entry's channel, that tell what happened, in reading order. */
const TELLING = [
  ["user", "summary"],
  ["role", "summary"],
  ["role", "name"],
  ["action", "summary"],
  ["workflow", "summary"],
  ["workflow", "name"],
  ["content"],
  ["message"],
  ["name"],
  ["state"],
  ["priority", "summary"],
  ["conference_number"],
  ["conference_url"],
] as const;

/** The timeline's text of an event that changes no state, such as `annotated by Ann: rolled back`. */
export function noteOf(eventType: string, detail: Spot, agent: string | null): string {
  const what = eventType.replace(/^incident\./, "").replaceAll(/[._]/g, " ");
  const assignees = elements(member(detail, "assignees")).map((one) => textAt(member(one, "summary")));
  const fields = elements(member(detail, "custom_fields")).map((field) => {
    const name = firstText(member(field, "display_name"), member(field, "name"), member(field, "id"));
    return name === null ? null : `${name} = ${fieldValue(member(field, "value"))}`;
  });
  const told = [...TELLING.map((path) => textAt(memberAt(detail, ...path))), ...assignees, ...fields];
  const texts = [...new Set(told.filter((text) => text !== null))];
  return `${what}${agent === null ? "" : ` by ${agent}`}${texts.length === 0 ? "" : `: ${texts.join(", ")}`}`;
}

function fieldValue(spot: Spot): string {
  const texts = Array.isArray(spot.value) ? elements(spot).map(textAt) : [textAt(spot)];
  return texts.filter((text) => text !== null).join(" ");
}
