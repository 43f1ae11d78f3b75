import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { LogFile } from "../../src/log/log_file.ts";

async function withFolder(test: (path: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    test(`${folder}/app.log`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function filesBeside(path: string): Record<string, string> {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return Object.fromEntries(
    names.map((name) => [name, Deno.readTextFileSync(`${folder}/${name}`)]),
  );
}

Deno.test("log file is added to, not written anew", () =>
  withFolder((path) => {
    for (const line of ["one\n", "two\n"]) {
      const file = new LogFile({ path, maxBytes: 100, keep: 3 });
      file.write(line);
      file.close();
    }
    assertEquals(filesBeside(path), { "app.log": "one\ntwo\n" });
  }));

Deno.test("log file that would grow too large makes way, and as many are kept as are wanted", () =>
  withFolder((path) => {
    const file = new LogFile({ path, maxBytes: 8, keep: 2 });
    for (const line of ["one\n", "two\n", "three\n", "four\n", "a line that is longer\n"]) {
      file.write(line);
    }
    file.close();
    assertEquals(filesBeside(path), {
      "app.log": "a line that is longer\n",
      "app.log.1": "four\n",
      "app.log.2": "three\n",
    });
  }));

Deno.test("log file of which none is kept begins anew", () =>
  withFolder((path) => {
    const file = new LogFile({ path, maxBytes: 5, keep: 0 });
    file.write("one\n");
    file.write("two\n");
    file.close();
    assertEquals(filesBeside(path), { "app.log": "two\n" });
  }));

Deno.test("log file that cannot be written is an error that says what to do", () =>
  withFolder((path) => {
    const open = (path: string) => () => new LogFile({ path, maxBytes: 5, keep: 1 });
    const error = assertThrows(open(`${path}/x.log`), Error, "Cannot write the log file");
    assertMatch(error.message, /its folder is not there|not a directory/i);
    Deno.mkdirSync(path);
    assertThrows(open(path), Error, "there is a folder of this name; name a file");
  }));

Deno.test({
  name: "log file on a full disk never throws, and its lines go to the standard error",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const program = `
      import { LogFile } from ${
      JSON.stringify(new URL("../../src/log/log_file.ts", import.meta.url))
    };
      const file = new LogFile({ path: "/dev/full", maxBytes: 1000, keep: 0 });
      file.write("one\\n");
      file.write("two\\n");
    `;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", "--config=deno.json", program],
      cwd: new URL("../..", import.meta.url),
    }).output();
    assertEquals(code, 0);
    assertEquals(
      new TextDecoder().decode(stderr),
      'Cannot write the log file "/dev/full": the disk is full; its lines go here\none\ntwo\n',
    );
  },
});
