import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseCommand } from "../../src/load/command_line.ts";
import { Application } from "../../src/web/application.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { serve } from "../support/serve.ts";

const PROGRAM = new URL("../../src/load/mod.ts", import.meta.url).pathname;

class Room extends WebSocketHandler {
  override open() {
    this.subscribe("room");
  }
  override onMessage(message: string | Uint8Array) {
    if (!String(message).endsWith(".5.")) this.application.publish("room", message);
  }
}

class Whole extends Room {
  override onMessage(message: string | Uint8Array) {
    this.application.publish("room", message);
  }
}

async function run(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const command = ["run", "--allow-net", "--no-check", "--quiet", PROGRAM, ...args];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: command })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), errors: text(stderr) };
}

Deno.test("program needs no permission but for the network, and exits with 1 on a loss", async () => {
  await using server = serve(new Application([["/lossy", Room], ["/whole", Whole]]));
  const url = `ws://127.0.0.1:${server.port}`;
  const few = ["--sockets", "3", "--rate", "100", "--seconds", "0.1", "--settle", "100"];
  const whole = await run(`${url}/whole`, ...few, "--json");
  assertEquals([whole.code, JSON.parse(whole.out).ok, whole.errors], [0, true, ""]);
  const lossy = await run(`${url}/lossy`, ...few);
  assertEquals(lossy.code, 1, lossy.errors);
  assertStringIncludes(lossy.out, "delivered  27 of 30");
  assertStringIncludes(lossy.out, "3 lost, 0 doubled, 0 out of order");
});

Deno.test("program that is told nonsense says so, and exits with 2", async () => {
  const { code, errors } = await run("ws://localhost:9", "--sokets", "3");
  assertEquals([code, errors], [2, "Unknown option --sokets: see --help\n"]);
});

Deno.test("help of the program names every option", async () => {
  const { code, out } = await run("--help");
  assertEquals(code, 0);
  for (const name of ["sockets", "rate", "topic", "post", "echo", "header", "settle", "json"]) {
    assert(out.includes(`--${name}`));
  }
});

Deno.test("command line is read in any order", () => {
  const args = ["--echo", "--rate", "2.5", "ws://x", "--header", "Cookie: a=b: c", "--json"];
  assertEquals(parseCommand(args), {
    url: "ws://x",
    json: true,
    options: { echo: true, rate: 2.5, headers: { Cookie: "a=b: c" } },
  });
});

for (
  const [args, message] of [
    [[], "give one URL"],
    [["ws://x", "ws://y"], "give one URL"],
    [["ws://x", "--rate"], "a value has to follow"],
    [["ws://x", "--header", "Cookie"], 'expected "Name: value"'],
    [["ws://x", "--__proto__", "1"], "Unknown option --__proto__"],
  ] as const
) {
  Deno.test(`command line ${JSON.stringify(args)} is refused`, () => {
    assertThrows(() => parseCommand(args), TypeError, message);
  });
}
