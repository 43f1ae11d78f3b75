import { UnsupportedFeatureError } from "../../platform/unsupported_feature_error.ts";
import { serveTasks } from "./worker_main.ts";
import type { TaskAnswer, TaskMessage } from "./worker_task.ts";

/** What a {@linkcode WorkerThread} tells its pool. */
export interface WorkerThreadEvents {
  /** The thread has answered its task and is free. */
  onAnswer(answer: TaskAnswer): void;
  /** Something outside of a task failed, and took the thread along. */
  onCrash(error: Error): void;
}

/** One worker of the runtime, which does one task at a time. */
export class WorkerThread {
  readonly #script: string = scriptUrl();
  readonly #worker: Worker;

  /**
   * Starts a worker.
   *
   * @throws {UnsupportedFeatureError} If the runtime has none.
   */
  constructor(events: WorkerThreadEvents) {
    if (typeof Worker !== "function") {
      throw new UnsupportedFeatureError("worker threads", "Deno, Bun or a browser");
    }
    this.#worker = new Worker(this.#script, { type: "module" });
    this.#worker.onmessage = ({ data }) => {
      // Not sooner: until it answers, the worker may still be reading its script.
      URL.revokeObjectURL(this.#script);
      events.onAnswer(data);
    };
    this.#worker.onmessageerror = () =>
      events.onCrash(new Error("Cannot read the answer of a worker: it could not be cloned"));
    this.#worker.onerror = (event) => {
      // Unless this is prevented, the error goes on to the process and ends it.
      event.preventDefault();
      events.onCrash(new Error(`A worker ended because of an uncaught error: ${event.message}`));
    };
  }

  /**
   * Sends a task to the worker.
   *
   * @throws {DOMException} If an argument cannot be cloned or transferred.
   */
  post(message: TaskMessage, transfer: readonly Transferable[]): void {
    this.#worker.postMessage(message, [...transfer]);
  }

  /** Ends the worker, whatever it is doing. */
  terminate(): void {
    URL.revokeObjectURL(this.#script);
    this.#worker.terminate();
  }
}

/** The script comes out of this module itself, so it survives every bundler. */
function scriptUrl(): string {
  return URL.createObjectURL(new Blob([`(${serveTasks})(self);`], { type: "text/javascript" }));
}
