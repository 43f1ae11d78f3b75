/** What a server that stops has to wait for: requests in flight, WebSockets, event streams. */

import type { OpenWorkList } from "./server_context.ts";

/** One of these. The links are those of {@linkcode OpenWorkList}. */
export interface OpenWork {
  /** The server is going away: say goodbye and end. */
  goAway(): void;
  /** The time for goodbyes is over: close at once. */
  cut(): void;
  /** Whether an upload is still on its way to it. */
  readonly receiving?: boolean;
  /** Where it is listed. */
  openIn: OpenWorkList | undefined;
  previousOpen: OpenWork | undefined;
  nextOpen: OpenWork | undefined;
}
