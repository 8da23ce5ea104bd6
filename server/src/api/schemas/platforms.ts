import { Type } from "typebox";
import { PLATFORM_NAMES } from "../../platforms/platform.ts";
import { AnyJson, AnyObject, nullable, oneOf, strict, Uuid } from "./shared.ts";

/** The ways in which webhooks can be verified. */
export const VERIFICATION_TYPES = ["signature", "token", "basic", "hmac", "standard_webhooks", "none"] as const;

const summary = {
  name: oneOf(PLATFORM_NAMES),
  title: Type.String(),
  can_sign: Type.Boolean({ description: "Whether the real product signs its webhooks" }),
  verification_types: Type.Array(oneOf(VERIFICATION_TYPES), { description: "The one to choose first comes first" }),
  signature_header: Type.String(),
  default_rate_limit: nullable(strict({ requests: Type.Integer(), per_seconds: Type.Integer() })),
};

/** A platform in a list. */
export const PlatformView = strict(summary);

/** `GET /platforms/{name}`. */
export const PlatformQuery = strict({
  integration_id: Type.Optional(Uuid),
});

/** A platform with its set-up guide. */
export const FullPlatformView = strict({
  ...summary,
  guide: Type.String({ description: "Markdown, with this Overwatch's address and, when named, the integration's URL" }),
  samples: Type.Array(
    strict({
      name: Type.String(),
      title: Type.String(),
      variant: nullable(Type.String()),
      headers: AnyObject,
      payload: AnyJson,
    }),
  ),
});
