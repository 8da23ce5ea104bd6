import { QueryClient } from "@tanstack/react-query";
import { ApiFailure } from "./api.ts";

const RETRIES = 2;

/** The cache of what was read. What the live stream tells of is read again at once; the rest after half a minute. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: true,
      // The server said no: to ask again changes nothing.
      retry: (count, error) =>
        count < RETRIES && !(error instanceof ApiFailure && error.status >= 400 && error.status < 500),
      throwOnError: false,
    },
    mutations: { retry: false },
  },
});
