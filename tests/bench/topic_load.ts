/** A topic under load, in a process beside its server. */
import { bundle } from "../support/bundle.ts";

/** A load of one topic. */
export interface TopicLoad {
  readonly topic: string;
  /** The port that subscribers connect to. */
  readonly port: number;
  /** The port that is published to. */
  readonly publishTo: number;
  readonly sockets: number;
  /** Messages in a second. */
  readonly rate: number;
  readonly seconds: number;
}

/** What became of it. */
export interface TopicReport {
  readonly published: number;
  readonly expected: number;
  readonly delivered: number;
  readonly doubles: number;
  readonly outOfOrder: number;
  /** Milliseconds from sending to arrival. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** The processes that subscribe to topics, and publish to them. */
export class TopicLoads implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  #text = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Opens the sockets of the loads. Settles when all are subscribed. */
  static async connect(loads: readonly TopicLoad[]): Promise<TopicLoads> {
    const folder = await Deno.makeTempDir();
    const program = `${folder}/receivers.mjs`;
    await Deno.writeTextFile(program, await bundle(new URL("topic_receivers.ts", import.meta.url)));
    const child = new Deno.Command("node", {
      args: [program, JSON.stringify(loads)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const all = new TopicLoads(child);
    await all.#line();
    await Deno.remove(folder, { recursive: true });
    return all;
  }

  /** Publishes, and waits for what is late. Gives a report for each load. */
  async publish(): Promise<readonly TopicReport[]> {
    const input = this.#child.stdin.getWriter();
    await input.write(new TextEncoder().encode("go\n"));
    await input.close();
    return JSON.parse(await this.#line());
  }

  async #line(): Promise<string> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error("Cannot put topics under load: the process has ended");
      this.#text += value;
    }
    const end = this.#text.indexOf("\n");
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#output.cancel();
    await this.#child.status;
  }
}
