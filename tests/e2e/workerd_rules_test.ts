/** Rules that hold of the library on Deno hold inside workerd: whole test files run there. */
import { assertEquals, assertGreater } from "@std/assert";
import { serviceTest } from "../support/services.ts";
import { type NamedTests, WorkerTests } from "../support/worker_tests.ts";
import { type RecordedTexts, recordTexts } from "../support/workerd/recorded_texts.ts";
import { buildTests, bundleTests, hasTemplates } from "../support/workerd/test_bundles.ts";
import { checkSection } from "../support/written_section.ts";
import { ALL, FILES, LEFT_OUT, SKIPPED, UNBUILT } from "./workerd_rules.ts";

const built = Object.values(FILES).flat().filter((file) => UNBUILT[file]?.[0]?.[0] !== ALL);
let recorded: Promise<readonly RecordedTexts[]> | undefined;
const matched = new Set<RegExp>();
let count = 0;

for (const [room, all] of Object.entries(FILES)) {
  serviceTest("workerd", `rules of ${room} hold inside workerd, as they are built`, async (t) => {
    const files = all.filter((file) => built.includes(file));
    const texts = await (recorded ??= recordTexts(built.filter(hasTemplates)));
    const own = texts.filter(({ file }) => files.some((path) => file.endsWith(`/tests/${path}`)));
    const { bundle, leftOut } = await buildTests(files, own);
    assertGreater(leftOut, 40);
    await using worker = await WorkerTests.start(bundle);
    for (const file of files) {
      const skipped = [...SKIPPED, ...UNBUILT[file] ?? []];
      await t.step(file, async () => void await checkRules(worker, file, { skipped }));
    }
  });
}

serviceTest("workerd", "rules that no build can keep hold inside workerd", async (t) => {
  await using worker = await WorkerTests.start(await bundleTests(Object.keys(UNBUILT)));
  for (const [file, tests] of Object.entries(UNBUILT)) {
    await t.step(file, async () => {
      const only = tests.map(([pattern]) => pattern);
      const names = await checkRules(worker, file, { skipped: SKIPPED, only });
      assertEquals(only.filter((pattern) => !names.some((name) => pattern.test(name))), []);
    });
  }
});

/** @returns The names of those that were run. */
async function checkRules(
  worker: WorkerTests,
  file: string,
  tests: { readonly skipped: NamedTests; readonly only?: readonly RegExp[] },
): Promise<string[]> {
  const names: string[] = [];
  const failed: string[] = [];
  for (const { name, error, skippedBy } of await worker.run(file, tests)) {
    const [pattern] = tests.skipped[skippedBy ?? -1] ?? [];
    if (pattern === undefined) names.push(name);
    else matched.add(pattern);
    if (error !== null) failed.push(`${name}\n${error}`);
  }
  count += names.length;
  assertEquals(failed, []);
  return names;
}

serviceTest("workerd", "rules that run inside workerd are many, and each reason has a rule", () => {
  assertGreater(count, 3000);
  const idle = SKIPPED.map(([pattern]) => pattern).filter((pattern) => !matched.has(pattern));
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
  const unbuilt = new Set(Object.values(UNBUILT).flat().map(([, reason]) => `- ${reason}`));
  await checkSection(
    "workers.md",
    "rules",
    `${rooms.join("\n")}

What runs there in a bundle of another make, which has all of the library, because

${[...unbuilt].join("\n")}

What does not run there, because

${reasons.join("\n")}
`,
  );
});
