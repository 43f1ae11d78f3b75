/** What happens in a run, and when. */

/** The amounts of a run. Times are milliseconds from the first publication. */
export interface Plan {
  /** WebSockets, spread over the topics. */
  readonly sockets: number;
  readonly topics: number;
  /** Topics of each socket. */
  readonly topicsOfEach: number;
  /** Publications a second, all together. */
  readonly rate: number;
  /** How long is published. */
  readonly duration: number;
  /** When every client is cut, one after the other within `cutSpread`. */
  readonly cuts: readonly number[];
  readonly cutSpread: number;
  /** How long each is away. */
  readonly cutLength: number;
  /** When the broker is killed, and how long it is away. */
  readonly brokerKill: number;
  readonly brokerAway: number;
  /** When a node gets `kill -9`. */
  readonly nodeKill: number;
  /** When the nodes are restarted, one after the other. */
  readonly rollingRestart: number;
  /** In what time clients of a restarted node, and messages of a broker, have to be back. */
  readonly backLimit: number;
  /** Which part of the returns has to be whole within 2 s. */
  readonly inTime: number;
}

/** 1,000 sockets for a minute. */
export const FULL: Plan = {
  sockets: 1_000,
  topics: 20,
  topicsOfEach: 2,
  rate: 50,
  duration: 60_000,
  cuts: [5_000, 46_000],
  cutSpread: 5_000,
  cutLength: 2_000,
  brokerKill: 15_000,
  brokerAway: 2_000,
  nodeKill: 24_000,
  rollingRestart: 33_000,
  backLimit: 5_000,
  inTime: 0.99,
};

/** 100 sockets for a quarter of it. */
export const SHORT: Plan = {
  sockets: 100,
  topics: 20,
  topicsOfEach: 2,
  rate: 50,
  duration: 15_000,
  cuts: [500, 11_500],
  cutSpread: 1_000,
  cutLength: 2_000,
  brokerKill: 4_000,
  brokerAway: 1_000,
  nodeKill: 6_500,
  rollingRestart: 8_500,
  // Other tests run beside it: what counts is that all comes, and once.
  backLimit: 60_000,
  inTime: 0,
};
