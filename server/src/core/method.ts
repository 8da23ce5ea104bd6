/** The methods that a delivery may use. */
export const METHODS = ["POST", "PUT", "PATCH", "DELETE"] as const;

/** An HTTP method of a delivery. */
export type Method = (typeof METHODS)[number];
