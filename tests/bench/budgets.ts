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
  { row: "client", against: "bare", ratio: 1.15 },
  { row: "idle", against: "bare", plus: 2048 },
  { row: "start", against: "bare", plus: 25, reached: 60 },
  { row: "start", of: "packaged", against: "bare", plus: 20 },
];
