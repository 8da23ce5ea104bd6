import { join } from "node:path";

/** Where pictures of the pages go; output of a run, not kept in the repository. */
export const SCREENSHOTS = join(import.meta.dirname, "../screenshots");
