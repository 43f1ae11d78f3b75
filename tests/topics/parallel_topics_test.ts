import { assert, assertEquals } from "@std/assert";
import { ChildServer } from "../support/child_server.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const PROGRAM = new URL("../fixtures/parallel_topics.ts", import.meta.url).pathname;
const ISOLATES = 3;

/** What the sockets of the fixture send. */
interface Message {
  readonly isolate?: string;
  readonly plain?: string;
  readonly payload?: string;
  readonly position?: string;
  readonly read?: { readonly whole: boolean; readonly records: readonly { payload: string }[] };
}

async function receive(socket: RawWebSocket): Promise<Message> {
  return JSON.parse((await socket.receive())?.text ?? "{}");
}

async function receiveAll(socket: RawWebSocket, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  while (messages.length < count) messages.push(await receive(socket));
  return messages;
}

function send(socket: RawWebSocket, message: object): Promise<void> {
  return socket.send(OPCODE.text, JSON.stringify(message));
}

/** A socket on each isolate: the kernel chooses, so it takes some that are closed again. */
async function connectToAll(port: number): Promise<RawWebSocket[]> {
  const sockets = new Map<string, RawWebSocket>();
  for (let attempt = 0; attempt < 200 && sockets.size < ISOLATES; attempt++) {
    const socket = await RawWebSocket.connect(port, "/");
    const { isolate = "" } = await receive(socket);
    if (sockets.has(isolate)) await socket.close();
    else sockets.set(isolate, socket);
  }
  assertEquals(sockets.size, ISOLATES);
  return [...sockets.values()];
}

Deno.test({
  name: "deno serve --parallel: sockets of all isolates get the same, in one order, and recover it",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const flags = ["--parallel", "--quiet", "--no-check", "--allow-env", "--config", CONFIG];
    await using server = await ChildServer.start({
      program: "/usr/bin/env",
      args: ({ port }) => [
        ...[`DENO_JOBS=${ISOLATES}`, "NO_COLOR=1", Deno.execPath(), "serve", ...flags],
        ...["--host=127.0.0.1", `--port=${port}`, PROGRAM],
      ],
    });
    const [one, two, three] = await connectToAll(server.port);
    assert(one !== undefined && two !== undefined && three !== undefined);
    const sockets = [one, two, three];

    await send(one, { plain: "tplain" });
    for (const socket of [two, three]) assertEquals(await receive(socket), { plain: "tplain" });

    for (let number = 0; number < 50; number++) {
      for (const [from, socket] of sockets.entries()) {
        await send(socket, { publish: `t${number} of ${from}` });
      }
    }
    const received = await Promise.all(sockets.map((socket) => receiveAll(socket, 150)));
    assertEquals(new Set(received[0]?.map(({ payload }) => payload)).size, 150);
    assertEquals(received[1], received[0]);
    assertEquals(received[2], received[0]);

    // Cut off from one isolate, back on another.
    const after = received[0]?.at(-1)?.position;
    await one.close();
    const missed = ["tmissed 1", "tmissed 2", "tmissed 3"];
    for (const publish of missed) await send(two, { publish });
    const live = await receiveAll(three, 3);
    assertEquals(live.map(({ payload }) => payload), missed);
    await send(three, { after });
    const { read } = await receive(three);
    assertEquals(read?.whole, true);
    assertEquals(read?.records.map(({ payload }) => payload), missed);
    for (const socket of [two, three]) await socket.close();
  },
});
