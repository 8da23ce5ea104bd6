import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import type { Page } from "../../../server/src/api/contract.ts";
import { get, type RequestOptions } from "./api.ts";
import { useLiveEvents } from "./live.ts";

/** A list that is read page by page. */
export type List<Row> = {
  /** Null until the first page is there. */
  readonly rows: readonly Row[] | null;
  /** True while these are still the rows of the filters before. */
  readonly isStale: boolean;
  readonly error: unknown;
  readonly retry: () => void;
  readonly hasMore: boolean;
  readonly readMore: () => void;
  readonly isReadingMore: boolean;
  /** How many things came since the list was read. */
  readonly newCount: number;
  /** Reads the list again from its newest row. */
  readonly showNew: () => void;
  /** Replaces a row where it stands, after a change that is known; null leaves it as it is. */
  readonly patch: (change: (row: Row) => Row | null) => void;
};

type ListOptions = {
  /** The noun, as the first part of the key: `incidents`. */
  readonly noun: string;
  readonly path: string;
  readonly query: RequestOptions["query"];
  /** Types of events, each of which stands for something new in this list: `incident.created`. */
  readonly newOn?: readonly string[];
  readonly limit?: number;
  readonly isEnabled?: boolean;
  /** Shows the rows of the filters before until those of the new ones are there. */
  readonly keepsRows?: boolean;
  /** Follows by its own means: it is not read again by itself when the live stream was away. */
  readonly isTail?: boolean;
};

const LIMIT = 50;

/** Reads a list of the API by its cursor. Nothing moves by itself: what is new is counted until somebody wants to see it. */
export function useList<Row>(options: ListOptions): List<Row> {
  const { noun, path, query, newOn = [], limit = LIMIT, isEnabled = true, isTail = false, keepsRows = false } = options;
  const client = useQueryClient();
  const queryKey = [noun, path, query ?? {}];
  const signature = JSON.stringify(queryKey);
  const [fresh, setFresh] = useState<{ readonly of: string; readonly ids: ReadonlySet<string> }>({ of: "", ids: NONE });
  const result = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => get<Page<Row>>(path, { query: { ...query, limit, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled: isEnabled,
    meta: { isTail },
    ...(keepsRows ? { placeholderData: keepPreviousData } : {}),
    // A list that is looked at stays as it is until it is asked for again.
    refetchOnWindowFocus: false,
    refetchOnMount: "always",
  });
  useLiveEvents(newOn, ({ id }) => {
    const ids = fresh.of === signature ? fresh.ids : NONE;
    setFresh({ of: signature, ids: new Set(ids).add(id) });
  });
  const read = useMemo(() => result.data?.pages.flatMap((page) => page.data) ?? null, [result.data]);
  // What is rare among many may not be on the first pages: whether there is any is known when some was found, or at the end.
  const isLookingOn = read?.length === 0 && result.hasNextPage && !result.isPlaceholderData;
  const canLookOn = isLookingOn && !result.isFetching && !result.isError;
  const lookOn = useEffectEvent(() => void result.fetchNextPage());
  useEffect(() => {
    if (canLookOn) lookOn();
  }, [canLookOn]);
  const rows = isLookingOn ? null : read;
  return {
    rows,
    isStale: result.isPlaceholderData,
    error: rows === null ? result.error : null,
    retry: () => void result.refetch(),
    hasMore: result.hasNextPage,
    readMore: () => void result.fetchNextPage(),
    isReadingMore: result.isFetchingNextPage,
    newCount: fresh.of === signature ? fresh.ids.size : 0,
    showNew() {
      setFresh({ of: signature, ids: NONE });
      window.scrollTo({ top: 0 });
      void client.resetQueries({ queryKey });
    },
    patch(change) {
      client.setQueryData<InfiniteData<Page<Row>, string | null>>(queryKey, (data) =>
        data === undefined
          ? data
          : {
              ...data,
              pages: data.pages.map((page) => ({ ...page, data: page.data.map((row) => change(row) ?? row) })),
            },
      );
    },
  };
}

const NONE: ReadonlySet<string> = new Set();
