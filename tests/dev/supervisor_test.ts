import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { poll } from "../support/poll.ts";
import { rawRequest } from "../support/raw_socket.ts";
import { mainModule, type Site, startSite } from "./site.ts";

/** Waits until the first page says something. */
async function says(site: Site, text: string): Promise<void> {
  let last = "";
  const found = await poll(async () => (last = await site.text()).includes(text));
  assert(found, `${last}\n${site.program.output}`);
}

Deno.test("application starts again when a module changes that it imports, on the same port", async () => {
  await using site = await startSite();
  await says(site, "first!");
  await site.writeMain("second");
  await says(site, "second!");
  await site.write("word.ts", `export const word = "?";\n`);
  await says(site, "second?");
});

Deno.test("a syntax error is shown on its port until it is mended", async () => {
  await using site = await startSite();
  await says(site, "first!");
  await site.write("word.ts", "export const word = ;\n");
  await says(site, "word.ts:1:21");
  const response = await fetch(site.origin, { headers: { Accept: "text/html" } });
  assertEquals(response.status, 503);
  const text = await response.text();
  assertStringIncludes(text, '<span class="marked"><i>→ 1</i>  export const word = ;');
  assertStringIncludes(text, "/.gustnado/reload.js");
  const rebound = await rawRequest(
    Number(new URL(site.origin).port),
    "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
  );
  assertEquals([rebound.status, rebound.text.includes("word.ts")], [503, false]);
  await site.write("word.ts", `export const word = "?";\n`);
  await says(site, "first?");
});

Deno.test("what fails from the start is shown where the source says that it will listen", async () => {
  await using site = await startSite({
    main: (port) => `throw new Error("no wind");\napp.listen(${port});\n`,
  });
  await says(site, "no wind");
  await site.writeMain("mended");
  await says(site, "mended!");
});

Deno.test("a module that is missing is waited for", async () => {
  await using site = await startSite({
    main: (port) => `import "./later.ts";\n${mainModule(port, "first")}`,
  });
  await says(site, "Module not found");
  await site.write("later.ts", "export {};\n");
  await says(site, "first!");
});

Deno.test("an application that ends while it serves is shown, too", async () => {
  await using site = await startSite({
    main: (port) =>
      mainModule(port, "first") +
      "setTimeout(() => { console.error('a gust'); Deno.exit(3) }, 1500);",
  });
  await says(site, "a gust");
});

Deno.test("the requests that it has answered are none of what is wrong", async () => {
  await using site = await startSite({
    main: (port) =>
      'Deno.env.set("GUSTNADO_TERMINAL", "1");\n' + mainModule(port, "first") +
      "setTimeout(() => { console.error('a gust'); Deno.exit(3) }, 1500);",
  });
  await says(site, "first!");
  assert(await poll(() => site.program.output.includes(" GET /")), site.program.output);
  await says(site, "a gust");
  const text = await site.text();
  assert(!text.includes("GET /"), text);
});

Deno.test("what is watched beside the modules starts it again, by looking at it where told so", async () => {
  for (const flag of ["--watch=templates", "--watch=word.txt,templates", "--poll=50"]) {
    await using site = await startSite({
      flags: [flag],
      main: (port) => mainModule(port, "at ") + "console.error('started');",
    });
    await says(site, "at !");
    const name = flag.includes("poll") ? "word.ts" : "templates/other.html";
    await site.write(name, `export const word = "?";\n`);
    const started = () => site.program.output.split("started").length === 3;
    assert(await poll(started), site.program.output);
  }
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} ends both, and the port is free then`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await using site = await startSite();
      await says(site, "first!");
      const { port } = site.program;
      await site.program.stop(signal);
      using listener = Deno.listen({ port, hostname: "127.0.0.1" });
      assertEquals(listener.addr.port, port);
    },
  });
}
