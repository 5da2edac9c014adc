/** Where the agent serves the page, without the slash at the end. */
export const BASE = "/ui";
