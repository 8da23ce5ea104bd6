import { Type } from "typebox";
import { ROLES } from "../roles.ts";
import { nullable, oneOf, strict, Timestamp, text, Uuid } from "./shared.ts";

const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: "^[^@\\s]+@[^@\\s]+$",
  examples: ["ada@example.com"],
});
/** Longer than any password may be: the policy says what is wrong in its own words. */
const Password = Type.String({ minLength: 1, maxLength: 1_024 });
const Token = Type.String({ minLength: 1, maxLength: 200, description: "From the link" });

/** `POST /setup`. */
export const SetupBody = strict({ token: Token, name: text(200), email: Email, password: Password });

/** `GET /setup`. */
export const SetupView = strict({
  needed: Type.Boolean({ description: "True until the first administrator was made" }),
});

/** `POST /links/check`. */
export const LinkBody = strict({ token: Token });

/** A link that works. */
export const LinkView = strict({ purpose: oneOf(["setup", "invite", "reset"]), expires_at: Timestamp });

/** `POST /session`. */
export const SignInBody = strict({ email: Type.String({ minLength: 1, maxLength: 254 }), password: Password });

/** Who is signed in. */
export const SessionView = strict({
  user: strict({ id: Uuid, name: Type.String(), email: Type.String(), role: oneOf(ROLES) }),
  organization: strict({ id: Uuid, name: Type.String() }),
  csrf_token: Type.String({ description: "For the header X-Overwatch-CSRF of every change" }),
});

/** `POST /session/password`. */
export const PasswordBody = strict({ current: Password, new: Password });

/** A session as its own user sees it. */
export const SessionRow = strict({
  id: Uuid,
  current: Type.Boolean({ description: "True for the session that asks" }),
  method: oneOf(["password", "link", "oidc"]),
  address: Type.String(),
  user_agent: Type.String(),
  created_at: Timestamp,
  seen_at: Timestamp,
  expires_at: Timestamp,
});

/** The sessions of a user. */
export const SessionList = strict({ data: Type.Array(SessionRow) });

/** `POST /invites/accept`. */
export const InviteAccept = strict({ token: Token, password: Password, name: Type.Optional(text(200)) });

/** `POST /users`. */
export const UserCreate = strict({ name: text(200), email: Email, role: oneOf(ROLES) });

/** `PATCH /users/{id}`. */
export const UserPatch = strict({
  name: Type.Optional(text(200)),
  role: Type.Optional(oneOf(ROLES)),
  disabled: Type.Optional(Type.Boolean()),
});

const userFields = {
  id: Uuid,
  name: Type.String(),
  email: Type.String(),
  role: oneOf(ROLES),
  status: oneOf(["active", "invited", "disabled"], "`invited` until the person has a way to sign in"),
  disabled: Type.Boolean(),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_signed_in_at: nullable(Timestamp),
  link_expires_at: nullable(Type.String({ format: "date-time", description: "Until when an unused link works" })),
};

/** A person. */
export const UserView = strict(userFields);

/** A person who was just invited. */
export const InvitedUserView = strict({
  ...userFields,
  invite_url: Type.String({ description: "Shown this once; give it to the person" }),
});

/** A link for a new password. */
export const ResetView = strict({
  reset_url: Type.String({ description: "Shown this once; give it to the person" }),
  expires_at: Timestamp,
});
