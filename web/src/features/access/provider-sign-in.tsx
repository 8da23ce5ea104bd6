import { Alert, Button, Divider } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { get, queryText } from "../../lib/api.ts";

type SignInMethods = {
  readonly methods: readonly {
    readonly type: "password" | "oidc";
    readonly name?: string;
    readonly start_url?: string;
  }[];
};

/** The identity providers that one can sign in at; nothing when there are none. */
export function ProviderSignIn({ returnTo }: { readonly returnTo: string }) {
  const { data } = useQuery({
    queryKey: ["sign-in-methods"],
    queryFn: ({ signal }) => get<SignInMethods>("/session/methods", { signal }),
  });
  const providers = (data?.methods ?? []).flatMap(({ name, start_url: start }) =>
    name === undefined || start === undefined ? [] : [{ name, start }],
  );
  if (providers.length === 0) return null;
  return (
    <>
      <Divider label="or" my="md" />
      {providers.map(({ name, start }) => (
        <Button
          key={start}
          component="a"
          href={start + queryText({ return_to: returnTo })}
          variant="default"
          fullWidth
          leftSection={<KeyRound size={15} aria-hidden="true" />}
        >
          Sign in at {name}
        </Button>
      ))}
    </>
  );
}

const REFUSALS: Readonly<Record<string, string>> = {
  provider_unavailable: "The identity provider cannot be reached. Try again, or sign in by password.",
  attempt_expired: "The sign-in took too long or was begun in another browser. Begin again.",
  email_not_verified: "The identity provider has not verified your email address.",
  domain_not_allowed: "Email addresses of your domain may not sign in here.",
  linked_to_another: "Your email address belongs to another account of the identity provider.",
  disabled: "An administrator has disabled your account.",
  not_invited: "Nobody has invited you yet. Ask an administrator of Overwatch.",
};

/** Why the identity provider's sign-in did not succeed, in words; nothing without a reason. */
export function ProviderRefusal({ reason }: { readonly reason: string | undefined }) {
  if (reason === undefined) return null;
  return (
    <Alert color="red" mb="md" role="alert">
      {REFUSALS[reason] ?? "The identity provider's sign-in was refused."}
    </Alert>
  );
}
