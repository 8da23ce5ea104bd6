/** What the moves of the router are told as. */
type Move = { readonly fromLocation?: { readonly pathname: string; readonly searchStr: string } | undefined };

/** Keeps how each list was last looked at: its filters and order, as they stood in the URL. */
export type ListSearches = {
  /** Hears of a move from one page to another. */
  readonly note: (move: Move) => void;
  /** The address of a list as it was left last; the plain one when it was not looked at. */
  readonly addressOf: (path: string) => string;
};

/** Makes an empty memory. */
export function createListSearches(): ListSearches {
  const searches = new Map<string, string>();
  return {
    note({ fromLocation: from }) {
      if (from !== undefined && isList(from.pathname)) searches.set(from.pathname, from.searchStr);
    },
    addressOf: (path) => `${path}${searches.get(path) ?? ""}`,
  };
}

/** The memory of this tab. */
export const listSearches = createListSearches();

/** The pages of single things are below the path of their list. */
function isList(path: string): boolean {
  return path.lastIndexOf("/") === 0 && path !== "/";
}
