/** The budgets of the design: ours may cost this many times what the other costs. */

/** One budget. */
export interface Budget {
  /** The row. */
  readonly row: string;
  /** Who is judged; ours from its source unless told otherwise. */
  readonly of?: string;
  /** Whom it is judged against. */
  readonly against: string;
  /** The largest ratio of the contender's CPU per request; of bytes or milliseconds in the rows of these. */
  readonly ratio?: number;
  /** The largest difference, in the row's unit. */
  readonly plus?: number;
  /** The largest value, in the row's unit, whatever the other takes. */
  readonly most?: number;
  /**
   * What the other takes on the machine that the difference is meant for: on one where it takes longer,
   * ours may, too, in proportion.
   */
  readonly at?: number;
  /** What is reached so far, where that is worse: a short run is held against this. */
  readonly reached?: number;
}

/** One line each. */
export const BUDGETS: readonly Budget[] = [
  { row: "fixed", against: "bare", ratio: 1.05 },
  { row: "route100", against: "bare", ratio: 1.10 },
  { row: "async", against: "bare", ratio: 1.05, reached: 1.07 },
  { row: "json", against: "bare", ratio: 1.05, reached: 1.25 },
  { row: "json", against: "hono", ratio: 1.00 },
  { row: "template", against: "hono", ratio: 0.8, reached: 0.9 },
  { row: "etag304", against: "hono", ratio: 0.30 },
  { row: "signed", against: "hono", ratio: 0.4 },
  { row: "static4k", against: "hono", ratio: 0.15 },
  { row: "static4k304", against: "hono", ratio: 0.15 },
  { row: "echo32", against: "bare", ratio: 1.03 },
  { row: "echo16k", against: "bare", ratio: 1.03 },
  { row: "room1000", against: "bare", ratio: 1.03 },
  { row: "room1000", of: "history", against: "gustnado", ratio: 1.15 },
  { row: "client", against: "bare", ratio: 1.15 },
  { row: "idle", against: "bare", plus: 2048 },
  { row: "deno-node/idle", against: "bare", most: 9 * 1024 },
  { row: "start", against: "bare", plus: 25, at: 21, reached: 95 },
  { row: "start", of: "packaged", against: "bare", plus: 20, at: 21, reached: 25 },
  { row: "start", of: "built", against: "bare", plus: 20, at: 21 },

  { row: "deno-node/echo32", against: "bare", ratio: 1.05 },
  { row: "deno-node/echo16k", against: "bare", ratio: 1.05 },
  { row: "deno-node/room1000", against: "bare", ratio: 1.05 },
  { row: "node/echo32", against: "bare", ratio: 1.05 },
  { row: "node/echo16k", against: "bare", ratio: 1.05 },
  { row: "node/room1000", against: "bare", ratio: 1.05 },
  { row: "bun/echo32", against: "bare", ratio: 1.05 },
  { row: "bun/echo16k", against: "bare", ratio: 1.05 },
  { row: "bun/room1000", against: "bare", ratio: 1.05 },
  { row: "node/json", against: "bare", ratio: 1.05 },
  { row: "node/json", against: "hono", ratio: 1, reached: 1.15 },
  { row: "node/fixed", against: "hono", ratio: 1, reached: 1.05 },
  { row: "node/start", against: "hono", ratio: 1, reached: 1.4 },
  { row: "node/start", of: "built", against: "hono", ratio: 1 },
  { row: "bun/json", against: "bare", ratio: 1.05, reached: 1.4 },
  { row: "bun/json", against: "hono", ratio: 1, reached: 1.2 },
  { row: "bun/fixed", against: "hono", ratio: 1, reached: 1.05 },
  { row: "bun/start", against: "hono", ratio: 1, reached: 4.5 },
  { row: "bun/start", of: "built", against: "hono", ratio: 1, reached: 1.5 },
  { row: "workerd/start", against: "bare", ratio: 1.2 },
];
