/** What each template makes: it is checked, tested and started as its user would. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { filesOf, type ProjectTemplate } from "../../src/init/project_template.ts";
import { NewProject } from "../support/init_program.ts";

const TEMPLATES = new URL("../../src/init/templates/", import.meta.url);

/** What each answers to one who knows nothing. */
const FIRST_ANSWERS: Readonly<Record<ProjectTemplate, [status: number, text: RegExp]>> = {
  api: [401, /^{"status":401,"reason":"Unauthorized"}$/],
  chat: [200, /<title>lobby – my-project<\/title>/],
  site: [200, /<title>Log in – my-project<\/title>/],
};

async function* filesIn(folder: URL, path = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(path, folder))) {
    if (isDirectory) yield* filesIn(folder, `${path}${name}/`);
    else yield `${path}${name}`;
  }
}

for (const template of ["api", "chat", "site"] as const) {
  Deno.test(`a project of ${template} has every file of its folder`, async () => {
    const own = await Array.fromAsync(filesIn(new URL(`${template}/`, TEMPLATES)));
    const shared = await Array.fromAsync(filesIn(new URL("shared/", TEMPLATES)));
    // What its applications keep while they are tried here is none of it.
    const expected = [...own, ...shared].filter((file) => !/^(?:data\/|deno\.lock$)/.test(file));
    assertEquals(Object.keys(filesOf(template)).sort(), expected.sort());
  });

  Deno.test(`a project of ${template} asks for the version that there is`, () => {
    const { imports } = JSON.parse(filesOf(template)["deno.json"] ?? "");
    assertEquals(imports[config.name], `jsr:${config.name}@^${config.version}`);
  });

  Deno.test(`a project of ${template} is checked, tested, started and stopped`, async () => {
    await using project = await NewProject.make(template);
    await project.deno("fmt", "--check");
    await project.deno("lint");
    await project.deno("check");
    // What was checked a moment ago.
    const { out } = await project.deno("task", "test", "--no-check");
    assertMatch(out, /ok \| \d+ passed \| 0 failed/);

    await using server = await project.start();
    const url = `http://127.0.0.1:${server.port}/`;
    const response = await fetch(url);
    const [status, text] = FIRST_ANSWERS[template];
    assertEquals(response.status, status);
    assertMatch(await response.text(), text);
    assert(server.output.includes(`my-project is on http://localhost:${server.port}`));
    await server.stop();
    await assertRejects(() => fetch(url), TypeError);
    assertMatch(server.output, /^\{.*"method":"GET".*\}$/m);
    // As the command of development says it, whose standard error is a terminal.
    await using shown = await project.start(["--debug"], ["GUSTNADO_TERMINAL=1", "NO_COLOR=1"]);
    await (await fetch(`http://127.0.0.1:${shown.port}/`)).body?.cancel();
    await shown.stop();
    assertMatch(shown.output, /^\d\d:\d\d:\d\d [IW] \d{3} GET \/ /m);
    const { code, errors } = await project.startAt("abc");
    assertEquals(code, 2);
    assertMatch(errors, /Cannot use "abc" as the option --port in the environment variable PORT/);
  });
}

Deno.test("a token that the task of a new API makes is let in, also after a restart", async () => {
  await using project = await NewProject.make("api");
  const { out } = await project.deno("task", "--quiet", "token", "ada");
  const headers = { Authorization: `Bearer ${out.trim()}` };
  for (const expected of [1, 2]) {
    await using server = await project.start();
    const url = `http://127.0.0.1:${server.port}/notes`;
    const made = await fetch(url, { method: "POST", headers, body: '{"title":"A gust"}' });
    assertEquals((await made.json()).reason, "Bad Request");
    const json = { ...headers, "Content-Type": "application/json" };
    const kept = await fetch(url, { method: "POST", headers: json, body: '{"title":"A gust"}' });
    assertEquals(await kept.json(), { id: expected, title: "A gust", text: "" });
  }
});
