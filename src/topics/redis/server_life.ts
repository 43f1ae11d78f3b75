/** Which run of a server it is, and what became of what it had acknowledged. */

/** The run of a server. */
export interface ServerLife {
  /** Another one at each start; empty where the server does not tell. */
  readonly run: string;
  /**
   * Whether a run goes on where the one before it ended: it logged each command before it answered.
   * A server that only saves from time to time comes back with less than it acknowledged, and so does
   * a replica that was made the primary.
   */
  readonly kept: boolean;
}

/** That of a server which does not tell: nothing can be noticed then. */
export const UNKNOWN_LIFE: ServerLife = { run: "", kept: true };

/**
 * Reads what `INFO` says.
 *
 * @throws {Error} If nothing can be written to the server now: it loads its data, or is a replica.
 */
export function parseLife(text: string): ServerLife {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(text)?.[1];
  if (field("loading") === "1") throw new Error("Redis is loading its data");
  if (field("role") === "slave") throw new Error("Redis is a replica, which takes no publications");
  const promoted = /[1-9a-f]/.test(field("master_replid2") ?? "");
  const run = field("run_id");
  if (run === undefined) return UNKNOWN_LIFE;
  return { run, kept: field("aof_enabled") === "1" && !promoted };
}
