/**
 * What clients that never read leave behind in a server: its memory and its connections, round after
 * round. Linux only.
 *
 * `deno run -A tests/bench/stalled_peers.ts [rounds] [clients] [bytes]`, 3, 20 and 65,536 unless given:
 * each round opens its clients, has messages of so many bytes published to them until the server has
 * closed them all for reading too slowly, and prints what is left when the time for the close is over,
 * and a second more. The clients of a round stay, and read nothing, until the last one is over. It
 * takes some 5 s a round.
 */
import { Application, partsOf } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { poll } from "../support/poll.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";

/** What a round left behind. */
export interface StalledRound {
  /** MiB that the server's process holds. */
  readonly memory: number;
  /** How many connections have been closed for the application, of all rounds. */
  readonly closed: number;
  /** How many TCP connections to the server are established, of all rounds. */
  readonly established: number;
}

const CLOSE_TIMEOUT = 1_000;
const MARGIN = 1_000;
const MIB = 1024 * 1024;
const PUBLISHED_AT_ONCE = MIB;

/**
 * Runs rounds of clients that never read, against a server in a process of its own.
 *
 * @param options How many rounds, how many clients each of them has, and how long messages are.
 * @returns What each of them left behind, after what there was before the first.
 */
export async function stalledRounds(
  options: { readonly rounds: number; readonly clients: number; readonly bytes: number },
): Promise<StalledRound[]> {
  await using server = await StalledServer.start();
  using clients = new DisposableStack();
  const rounds = [await server.state()];
  for (let round = 1; round <= options.rounds; round++) {
    for (let i = 0; i < options.clients; i++) {
      clients.use(await RawWebSocket.connect(server.port, "/flood"));
    }
    await fetch(`${server.origin}/publish?bytes=${options.bytes}`).then((response) =>
      response.text()
    );
    const closed = round * options.clients;
    if (!await poll(async () => (await server.state()).closed >= closed)) {
      throw new Error(`Closed ${(await server.state()).closed} of ${closed} clients within 20 s`);
    }
    await pause(CLOSE_TIMEOUT + MARGIN);
    rounds.push(await server.state());
  }
  return rounds;
}

/** The process that serves. */
class StalledServer implements AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<StalledServer> {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", new URL(import.meta.url).pathname, "serve"],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = process.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return new StalledServer(process, Number(new TextDecoder().decode(value)));
  }

  async state(): Promise<StalledRound> {
    const response = await fetch(`${this.origin}/state`);
    const { memory, closed } = await response.json() as { memory: number; closed: number };
    return { memory, closed, established: established(this.port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }
}

/** Runs in that process. */
function serve(): void {
  let closed = 0;
  class Flooded extends WebSocketHandler {
    override open() {
      this.subscribe("flood");
    }
    override onClose() {
      closed++;
    }
  }
  class State extends RequestHandler {
    override get() {
      this.write({ memory: Math.round(Deno.memoryUsage().rss / MIB), closed });
    }
  }
  class Publish extends RequestHandler {
    override async get() {
      const message = new Uint8Array(Number(this.getArgument("bytes")));
      while ((partsOf(this.application).topics?.size ?? 0) > 0) {
        for (let sent = 0; sent < PUBLISHED_AT_ONCE; sent += message.length) {
          this.application.publish("flood", message);
        }
        await pause(1);
      }
    }
  }
  const routes = [["/flood", Flooded], ["/state", State], ["/publish", Publish]] as const;
  const settings = { websocketCloseTimeout: CLOSE_TIMEOUT };
  const server = new Application([...routes], settings).listen(0, { hostname: "127.0.0.1" });
  console.log(server.port);
}

/** The established TCP connections that this port has accepted, as the kernel lists them. */
function established(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = Deno.readTextFileSync("/proc/net/tcp").split("\n");
  const fields = lines.map((line) => line.trim().split(/\s+/));
  return fields.filter(([, address, , state]) => address === local && state === "01").length;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  if (Deno.args[0] === "serve") serve();
  else {
    const [rounds = 3, clients = 20, bytes = 65_536] = Deno.args.map(Number);
    for (const [round, left] of (await stalledRounds({ rounds, clients, bytes })).entries()) {
      const { memory, closed, established } = left;
      console.log(`round ${round}: ${memory} MiB, ${closed} closed, ${established} established`);
    }
  }
}
