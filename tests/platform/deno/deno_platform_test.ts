import { assert, assertEquals, assertThrows } from "@std/assert";
import { denoPlatform } from "../../../src/platform/deno/deno_platform.ts";
import { builtinModule, nodeCrypto, nodeZlib } from "../../../src/platform/node_builtins.ts";
import { detectPlatform, type Platform } from "../../../src/platform/platform.ts";
import { poll } from "../../support/poll.ts";
import { RawSocket } from "../../support/raw_socket.ts";

const NAMES = [
  "host",
  "x-one",
  "x-two",
  "cookie",
  "x-latin",
  "x-empty",
  "absent",
  "content-length",
];
const HEAD = "GET / HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nX-Two: a\r\nx-two: b\r\nCookie: a=1\r\n" +
  "Cookie: b=2\r\nX-Latin: caf\u00e9\r\nX-Empty:\r\n\r\n";

/** Runs `look` on a request that came over a socket. */
async function onServer<T>(platform: Platform, look: (request: Request) => T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const server = platform.serve({
    port: 0,
    hostname: "127.0.0.1",
    onError: () => new Response(),
  }, (request) => {
    try {
      resolve(look(request));
    } catch (error) {
      reject(error);
    }
    return new Response("ok");
  });
  using socket = await RawSocket.connect(server.addr.port ?? 0);
  await socket.write(Uint8Array.from(HEAD, (character) => character.charCodeAt(0)));
  await socket.readResponse();
  await server.shutdown();
  await server.finished;
  return await promise;
}

Deno.test("one header is read as the public interface reads it", async () => {
  const platform = denoPlatform();
  const [direct, all] = await onServer(platform, (request) => [
    NAMES.map((name) => platform.requestHeader(request, name)),
    NAMES.map((name) => request.headers.get(name)),
  ]);
  assertEquals(direct, all);
  const [host, one, two, cookie] = all ?? [];
  assertEquals([host, one, two, cookie], ["h", "1", "a, b", "a=1; b=2"]);
});

Deno.test("one header is read of a Request that was made in the process", () => {
  const headers = { "x-one": "1", "x-two": "a, b" };
  const request = new Request("http://localhost/", { headers });
  for (const name of NAMES) {
    assertEquals(denoPlatform().requestHeader(request, name), request.headers.get(name));
  }
});

Deno.test("header that was not read in time is an error, as in the public interface", async () => {
  const platform = denoPlatform();
  const request = await onServer(platform, (request) => request);
  assertThrows(() => platform.requestHeader(request, "host"), TypeError, "Request closed");
  const read = await onServer(platform, (request) => {
    void request.headers;
    return request;
  });
  assertEquals(platform.requestHeader(read, "host"), "h");
});

Deno.test("header fields are packed as the public interface gives them", async () => {
  const platform = denoPlatform();
  const [packed, all] = await onServer(platform, (request) => [
    platform.packHeaders(request),
    [...request.headers],
  ]);
  const lines = packed?.split("\n") ?? [];
  const fields = new Headers();
  for (let i = 0; i < lines.length; i += 2) fields.append(lines[i] ?? "", lines[i + 1] ?? "");
  assertEquals([...fields], all);
  assertEquals(fields.get("x-empty"), "");
});

Deno.test("header fields of a Request that was made in the process need no packing", () => {
  const request = new Request("http://localhost/", { headers: { "x-one": "1" } });
  assertEquals(denoPlatform().packHeaders(request), null);
});

Deno.test("body that the runtime does not hold is not there", () => {
  const platform = denoPlatform();
  const post = (body: BodyInit | null) =>
    new Request("http://localhost/", { method: "POST", body });
  assertEquals(platform.bufferedBody(post(null)), null);
  assertEquals(platform.bufferedBody(post("text")), null);
});

Deno.test("callback of stop signals is called until it is released", async () => {
  if (Deno.build.os === "windows") return;
  const platform = denoPlatform();
  let calls = 0;
  const release = platform.onStopSignal(() => calls++);
  Deno.kill(Deno.pid, "SIGTERM");
  assert(await poll(() => calls === 1));
  release();
});

Deno.test("platform is found out once, and knows Node's modules", () => {
  assert(detectPlatform() === detectPlatform());
  assertEquals(detectPlatform().name, "Deno");
  assertEquals(nodeCrypto().createHash("sha1").update("").digest("hex").length, 40);
  assertEquals(nodeZlib().gunzipSync(nodeZlib().gzipSync("text")).toString(), "text");
  assertThrows(
    () => builtinModule("node:nonsense"),
    Error,
    'the built-in module "node:nonsense"',
  );
});

Deno.test("importing the library needs no permission, and neither does answering", async () => {
  const module = new URL("../../../mod.ts", import.meta.url);
  const program = `
    import { Application, RequestHandler } from "${module}";
    class Main extends RequestHandler {
      get() { this.write("x".repeat(2000)); }
    }
    const app = new Application([["/", Main]], { compressResponse: true });
    const request = new Request("http://localhost/", { headers: { "accept-encoding": "gzip" } });
    const response = await app.fetch(request);
    console.log(response.status, response.headers.get("content-encoding"));
  `;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--no-prompt", "--config", config, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { stdout } = await child.output();
  assertEquals(new TextDecoder().decode(stdout), "200 gzip\n");
});
