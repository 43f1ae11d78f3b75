/**
 * The worker of a bundle of test files. One Durable Object runs all of them, and answers what they send:
 * only there may a request touch what another has opened, as handlers and tests do.
 *
 * @module
 */
import type { DurableObjectNamespace, DurableObjectState } from "../../../../src/workers/mod.ts";
import { setDatabase } from "./object_database.ts";
import { runFile } from "./test_registry.ts";
import { answer, setPorts, SOCKET_FIELD } from "./worker_ports.ts";

/** What a run is asked for. */
export interface WorkerTestRun {
  readonly file: string;
  /** The names of tests that are not run, as patterns. */
  readonly skipped: readonly string[];
  /** The names of those that are asked for, as patterns; of the others nothing is told. */
  readonly only: readonly string[];
  /** The ports of the sockets, by their names. */
  readonly ports: Readonly<Record<string, number>>;
}

/** The bindings of the worker. */
interface Environment {
  readonly TESTS: DurableObjectNamespace;
}

/** What runs the tests. */
export class Tests {
  readonly #state: DurableObjectState;
  readonly #environment: object;

  constructor(
    state: DurableObjectState,
    environment: object,
  ) {
    this.#state = state;
    this.#environment = environment;
    setDatabase(state.storage.sql);
  }

  async fetch(request: Request): Promise<Response> {
    if (request.headers.has(SOCKET_FIELD)) {
      return await answer(request, {
        environment: this.#environment,
        waitUntil: (promise) => this.#state.waitUntil(promise),
      });
    }
    const { file, skipped, only, ports }: WorkerTestRun = await request.json();
    setPorts(ports);
    const patternsOf = (sources: readonly string[]) => sources.map((source) => new RegExp(source));
    try {
      return Response.json(
        await runFile(file, { skipped: patternsOf(skipped), only: patternsOf(only) }),
      );
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  }
}

const worker: { fetch(request: Request, environment: Environment): Promise<Response> } = {
  fetch: (request, { TESTS }) => TESTS.get(TESTS.idFromName("tests")).fetch(request),
};

export default worker;
