import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { createProject, type ProjectOptions } from "../../src/init/project.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a project is called like its folder, everywhere", () =>
  inFolder(async (folder) => {
    const { name, files, template } = await createProject(`${folder}/storm-watch/`);
    assertEquals([name, template], ["storm-watch", "api"]);
    for (const file of files) {
      const text = await Deno.readTextFile(`${folder}/storm-watch/${file}`);
      assert(!text.includes("my-app"), file);
    }
    assertMatch(await Deno.readTextFile(`${folder}/storm-watch/README.md`), /^# storm-watch\n/);
  }));

Deno.test("an empty folder is taken", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/my-app`);
    assertEquals((await createProject(`${folder}/my-app`)).replaced, []);
  }));

Deno.test("each site has a secret of its own, which others cannot read", () =>
  inFolder(async (folder) => {
    const secrets = [];
    for (const name of ["one", "two"]) {
      await createProject(`${folder}/${name}`, { template: "site" });
      const file = `${folder}/${name}/.env`;
      secrets.push(/^COOKIE_SECRET=([0-9a-f]{64})$/m.exec(await Deno.readTextFile(file))?.[1]);
      assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    }
    assert(secrets.every((secret) => secret !== undefined));
    assertNotEquals(secrets[0], secrets[1]);
  }));

Deno.test("force replaces files of the same names, tells of them, and leaves the others", () =>
  inFolder(async (folder) => {
    const path = `${folder}/my-app`;
    await Deno.mkdir(path);
    for (const name of ["main.ts", "mine.ts"]) await Deno.writeTextFile(`${path}/${name}`, "mine");
    await assertRejects(() => createProject(path), Error, "let --force replace");
    assertEquals(await Deno.readTextFile(`${path}/main.ts`), "mine");
    assertEquals((await createProject(path, { force: true })).replaced, ["main.ts"]);
    assertNotEquals(await Deno.readTextFile(`${path}/main.ts`), "mine");
    assertEquals(await Deno.readTextFile(`${path}/mine.ts`), "mine");
  }));

Deno.test("force takes a link away, and leaves what it leads to", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/elsewhere`, "mine");
    await Deno.mkdir(`${folder}/my-app`);
    await Deno.symlink(`${folder}/elsewhere`, `${folder}/my-app/main.ts`);
    await createProject(`${folder}/my-app`, { force: true });
    assertEquals(await Deno.readTextFile(`${folder}/elsewhere`), "mine");
  }));

Deno.test("an option that is unknown or ill-typed is an error", () =>
  inFolder(async (folder) => {
    const wrong: [options: object, message: string][] = [
      [{ tempalte: "api" }, 'Unknown option of createProject() "tempalte"'],
      [{ force: "yes" }, "boolean"],
      [{ template: 1 }, "Unknown template 1: expected api, chat, site"],
    ];
    for (const [options, message] of wrong) {
      const making = () => createProject(`${folder}/my-app`, options as ProjectOptions);
      await assertRejects(making, TypeError, message);
    }
  }));

Deno.test("names are small letters, digits and single hyphens", () =>
  inFolder(async (folder) => {
    for (const name of ["a", "app2", "my-app", "a".repeat(64)]) {
      await createProject(`${folder}/${name}`);
    }
    for (const name of ["App", "1app", "-app", "app-", "my--app", "my_app", "äpp", "a b", "@a"]) {
      await assertRejects(() => createProject(`${folder}/${name}`), TypeError, "Cannot call");
    }
  }));
