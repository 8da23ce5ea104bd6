/** The version of this Overwatch. */
export const VERSION = "0.1.0";
