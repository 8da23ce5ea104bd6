/** The pages whose searches can be kept, named as in their paths. */
export type ViewPage = "incidents" | "alerts";
