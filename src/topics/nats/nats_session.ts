/** One connection to a server of NATS. */
import type { JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";

/** The client library, which is loaded when a broker is opened. */
export interface NatsLibrary {
  readonly transport: typeof import("@nats-io/transport-node");
  readonly connect: typeof import("./steady_transport.ts").connectSteadily;
  readonly jetstream: typeof import("@nats-io/jetstream");
}

/** Loads it. */
export async function loadNats(): Promise<NatsLibrary> {
  const [transport, jetstream, { connectSteadily: connect }] = await Promise.all([
    import("@nats-io/transport-node"),
    import("@nats-io/jetstream"),
    import("./steady_transport.ts"),
  ]);
  return { transport, jetstream, connect };
}

/** A connection, from the time that the server answered until it is lost. */
export interface NatsSession {
  readonly library: NatsLibrary;
  readonly connection: NatsConnection;
  /** What asks the server about streams. */
  readonly manager: JetStreamManager;
  /** Aborts when the connection is lost. */
  readonly ended: AbortSignal;
  /** When it began, as `performance.now()` says. */
  readonly began: number;
}
