/** Rules that hold of the library on Deno hold inside workerd: whole test files run there. */
import { assertEquals, assertGreater } from "@std/assert";
import { serviceTest } from "../support/services.ts";
import { bundleTests, type TestBundle, WorkerTests } from "../support/worker_tests.ts";
import { checkSection } from "../support/written_section.ts";
import { FILES, LEFT_OUT, SKIPPED } from "./workerd_rules.ts";

let bundled: Promise<TestBundle> | undefined;
const matched = new Set<number>();
let count = 0;

for (const [room, files] of Object.entries(FILES)) {
  serviceTest("workerd", `rules of ${room} hold inside workerd`, async (t) => {
    await using worker = await WorkerTests.start(
      await (bundled ??= bundleTests(Object.values(FILES).flat())),
      SKIPPED,
    );
    for (const file of files) {
      await t.step(file, async () => {
        const failed: string[] = [];
        for (const { name, error, skippedBy } of await worker.run(file)) {
          if (skippedBy !== null) matched.add(skippedBy);
          else count++;
          if (error !== null) failed.push(`${name}\n${error}`);
        }
        assertEquals(failed, []);
      });
    }
  });
}

serviceTest("workerd", "rules that run inside workerd are many, and each reason has a rule", () => {
  assertGreater(count, 2000);
  const idle = SKIPPED.filter((_, index) => !matched.has(index)).map(([pattern]) => pattern);
  assertEquals(idle, []);
});

/** The folders whose files run in workerd, unless something speaks against it. */
const FOLDERS = ["template", "topics", "web", "websocket", "workers"];

function* testsIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(`../${folder}`, import.meta.url))) {
    if (isDirectory) yield* testsIn(`${folder}/${name}`);
    else if (name.endsWith("_test.ts")) yield `${folder}/${name}`;
  }
}

Deno.test("every test file runs inside workerd, or has a reason not to", () => {
  const run = new Set(Object.values(FILES).flat());
  const isLeftOut = (file: string) =>
    Object.keys(LEFT_OUT).some((each) => `${file.replace(/_test\.ts$/, "")}/`.startsWith(each));
  const files = FOLDERS.flatMap((folder) => [...testsIn(folder)]);
  assertEquals(files.filter((file) => run.has(file) === isLeftOut(file)), []);
  assertEquals([...run].filter((file) => !files.includes(file)), []);
});

Deno.test("docs/workers.md has what runs inside workerd, and why something does not", async () => {
  const rooms = Object.entries(FILES).map(([room, files]) => `- ${room}: ${files.length} files`);
  const all = [...SKIPPED.map(([, reason]) => reason), ...Object.values(LEFT_OUT)];
  const reasons = [...new Set(all)].map((each) => `- ${each}`);
  await checkSection(
    "workers.md",
    "rules",
    `${rooms.join("\n")}\n\nWhat does not run there, because\n\n${reasons.join("\n")}\n`,
  );
});
