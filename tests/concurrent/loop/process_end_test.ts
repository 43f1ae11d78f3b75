/** When a process that uses the loop goes on, and when it ends: programs of their own. */
import { assertEquals, assertStringIncludes } from "@std/assert";

const root = new URL("../../../", import.meta.url);

/** Runs a program and gives what it printed; a program that hangs is ended by its own timer. */
async function run(program: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const source = `
    import { IOLoop, PeriodicCallback, sleep } from "${new URL("mod.ts", root)}";
    Deno.unrefTimer(setTimeout(() => Deno.exit(99), 20_000));
    const loop = IOLoop.current();
    ${program}`;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-"],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("loop start keeps the process alive until stop", async () => {
  const { code, stdout } = await run(`
    Deno.unrefTimer(setTimeout(() => { console.log("stopping"); loop.stop(); }, 50));
    await loop.start();
    console.log("stopped");
  `);
  assertEquals([code, stdout], [0, "stopping\nstopped\n"]);
});

Deno.test("process survives what callbacks, timers and workers throw, and shows it", async () => {
  const { code, stdout, stderr } = await run(`
    loop.addCallback(() => { throw new Error("thrown in a callback"); });
    loop.callLater(1, async () => { throw new Error("rejected in a timer"); });
    using ticker = new PeriodicCallback(() => { throw new Error("thrown in a tick"); }, 5);
    ticker.start();
    await loop.runInExecutor(() => { throw new Error("thrown in a worker"); }).catch(() => {});
    await sleep(20);
    console.log("alive");
  `);
  assertEquals([code, stdout], [0, "alive\n"]);
  for (const text of ["thrown in a callback", "rejected in a timer", "thrown in a tick"]) {
    assertStringIncludes(stderr, text);
  }
});

Deno.test("process ends although a periodic callback with unref and a watchdog are running", async () => {
  const { code, stdout } = await run(`
    loop.setBlockingLogThreshold(100);
    new PeriodicCallback(() => {}, 5, { unref: true }).start();
    console.log("done");
  `);
  assertEquals([code, stdout], [0, "done\n"]);
});

Deno.test("process ends when its workers have been idle for a while", async () => {
  const { code, stdout } = await run(`
    console.log(await loop.runInExecutor((n) => n * n, 7));
  `);
  assertEquals([code, stdout], [0, "49\n"]);
});
