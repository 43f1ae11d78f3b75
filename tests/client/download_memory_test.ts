import { assert, assertEquals } from "@std/assert";

const MIB = 1024 * 1024;

Deno.test("client streams 1 GiB down in less than 150 MiB", async () => {
  const chunk = new Uint8Array(MIB);
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(options, () => {
    let left = 1024;
    return new Response(
      new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(chunk);
          else controller.close();
        },
      }),
    );
  });
  const program = new URL("../fixtures/http_client_download.ts", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program.href, `http://127.0.0.1:${server.addr.port}/`],
    stdout: "piped",
    signal: AbortSignal.timeout(120_000),
  }).spawn();
  const { success, stdout } = await child.output();
  assert(success, "The download failed");
  const { received, peak } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(received, 1024 * MIB);
  assert(peak < 150 * 1024, `It took ${Math.round(peak / 1024)} MiB`);
});
