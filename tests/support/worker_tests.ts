/**
 * Test files that run inside workerd: as one bundle, whose tests a request runs.
 *
 * @module
 */
import type { ChildServer } from "./child_server.ts";
import { startWorkerd, workerdPorts } from "./services.ts";
import type { TestBundle } from "./workerd/test_bundles.ts";
import type { WorkerTestResult } from "./workerd/inside/test_registry.ts";
import type { WorkerTestRun } from "./workerd/inside/test_worker.ts";

/** Tests by a part of their names, and why they are told apart. */
export type NamedTests = readonly (readonly [name: RegExp, reason: string])[];

/** As many applications may listen at once. */
const SOCKETS = Array.from({ length: 16 }, (_, index) => `s${index}`);

/** workerd with a bundle of test files. */
export class WorkerTests implements AsyncDisposable {
  readonly #server: ChildServer;
  readonly #ports: Readonly<Record<string, number>>;

  private constructor(server: ChildServer, ports: Readonly<Record<string, number>>) {
    this.#server = server;
    this.#ports = ports;
  }

  /**
   * Starts workerd with a bundle.
   *
   * @param bundle Of `workerd/test_bundles.ts`.
   */
  static async start(bundle: TestBundle): Promise<WorkerTests> {
    const server = await startWorkerd(bundle, {
      objects: { TESTS: "Tests" },
      sockets: SOCKETS,
    });
    try {
      return new WorkerTests(server, await workerdPorts(server, SOCKETS));
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /**
   * Runs the tests of a file, one after the other.
   *
   * @param only Runs those alone. Default all.
   */
  async run(
    file: string,
    { skipped, only = [/(?:)/] }: {
      readonly skipped: NamedTests;
      readonly only?: readonly RegExp[];
    },
  ): Promise<WorkerTestResult[]> {
    const run: WorkerTestRun = {
      file,
      skipped: skipped.map(([{ source }]) => source),
      only: only.map(({ source }) => source),
      ports: this.#ports,
    };
    const response = await fetch(`http://127.0.0.1:${this.#server.port}/`, {
      method: "POST",
      body: JSON.stringify(run),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${text}\n${this.#server.output}`);
    return JSON.parse(text);
  }

  /** Ends workerd, which would wait for what a test has left open: no server in it ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.kill();
  }
}
