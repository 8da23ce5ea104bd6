import { Compile } from "typebox/schema";
import type { Route } from "../../src/api/route.ts";

const compiled = new Map<unknown, ReturnType<typeof Compile>>();

/** What is wrong with an answer of 2xx when it is held against its documented schema, or null. */
export function answerProblem(
  routes: readonly Route[],
  method: string,
  url: string,
  status: number,
  body: string,
): string | null {
  const path = url.split("?", 1)[0]?.replace("/api/v1", "") ?? "";
  const route = routes.find((one) => one.method === method && isMatch(one.path, path));
  if (route === undefined || status >= 300) return null;
  if (!(status in route.answers)) return `${method} ${path} answered ${status}, which is not documented`;
  const schema = route.answers[status];
  if (!schema) return null;
  const validator = compiled.get(schema) ?? Compile(schema);
  compiled.set(schema, validator);
  const value: unknown = JSON.parse(body);
  if (validator.Check(value)) return null;
  const [, errors] = validator.Errors(value);
  return `${method} ${path} answered other than documented: ${JSON.stringify(errors.slice(0, 5))} in ${body.slice(0, 500)}`;
}

function isMatch(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  return wanted.length === given.length && wanted.every((part, index) => part === given[index] || part.startsWith("{"));
}
