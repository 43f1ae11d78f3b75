/** The compatibility table: what `matrix_test.ts` tries, and what it skips, with the reasons. */
import { assert } from "@std/assert";
import { checkSection, markdownTable } from "../support/written_section.ts";
import { FEATURES } from "./features.ts";
import { TARGETS } from "./targets.ts";

Deno.test("docs/runtimes.md has what the package does on each runtime", async () => {
  const reasons = [
    ...new Set(TARGETS.flatMap(({ lacks }) => Object.values(lacks))),
  ];
  const number = (reason: string) => reasons.indexOf(reason) + 1;
  const rows = FEATURES.map(({ name }) => [
    name,
    ...TARGETS.map(({ lacks }) =>
      lacks[name] === undefined ? "yes" : `no (${number(lacks[name])})`
    ),
  ]);
  const table = markdownTable([
    ["", ...TARGETS.map(({ name }) => name)],
    ...rows,
  ]);
  const notes = reasons.map((reason) => `${number(reason)}. ${reason}`);
  await checkSection(
    "runtimes.md",
    "compatibility",
    `${table}\n\n${notes.join("\n")}\n`,
  );
});

Deno.test("what a runtime lacks is a feature of the table", () => {
  const names = new Set(FEATURES.map(({ name }) => name));
  for (const { name, lacks } of TARGETS) {
    for (const feature of Object.keys(lacks)) {
      assert(names.has(feature), `${name}: ${feature}`);
    }
  }
});
