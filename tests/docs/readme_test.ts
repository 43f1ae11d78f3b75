import { assertEquals } from "@std/assert";
import type { Application } from "../../mod.ts";

const README = new URL("../../README.md", import.meta.url);

/** The application of the code below a heading. */
async function applicationBelow(heading: string): Promise<Application> {
  const [, section = ""] = (await Deno.readTextFile(README)).split(heading);
  const [, code = ""] = /```ts\n(.*?)```/s.exec(section) ?? [];
  const module = await import(`data:text/typescript,${encodeURIComponent(code)}`);
  return module.default;
}

Deno.test("event stream of the README sends its first event", async () => {
  const app = await applicationBelow("**An event stream.**");
  const leave = new AbortController();
  const { signal } = leave;
  const response = await app.fetch(new Request("http://localhost/clock", { signal }));
  assertEquals(response.status, 200);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader?.read() ?? {};
  assertEquals(/^event: time\ndata: \d{4}-.*\n\n$/.test(value), true, value);
  await reader?.cancel();
  leave.abort();
});
