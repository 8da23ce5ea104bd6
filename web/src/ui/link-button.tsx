import { Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type AnchorProps = ButtonProps &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> & { readonly ref?: Ref<HTMLAnchorElement> };

function ButtonAnchor({ ref, ...props }: AnchorProps) {
  return <Button component="a" {...(ref === undefined ? {} : { ref })} {...props} />;
}

/** A link to a page that looks like a button; `to`, `params` and `search` as on `Link`. */
export const LinkButton = createLink(ButtonAnchor);
