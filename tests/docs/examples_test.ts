import { assertEquals } from "@std/assert";
import { doors, ENTRIES, NAMESPACES, type PublicName } from "../support/doc_nodes.ts";

// That they run, `deno test --doc` tells.

const names = (await doors([...ENTRIES, ...NAMESPACES])).flatMap((door) => door.names);

function examplesOf({ tags }: PublicName): string[] {
  return tags.filter(({ kind }) => kind === "example").map(({ doc = "" }) => doc);
}

function isInternal({ tags }: PublicName): boolean {
  return tags.some(({ kind }) => kind === "internal");
}

function shown(found: readonly PublicName[]): string[] {
  return [...new Set(found.map(({ file, name }) => `${file}: ${name}`))].sort();
}

for (const kind of ["class", "function"]) {
  Deno.test(`every public ${kind} has an example`, () => {
    const lacking = names.filter((each) => each.kinds.has(kind) && !isInternal(each))
      .filter((each) => examplesOf(each).length === 0);
    assertEquals(shown(lacking), []);
  });

  Deno.test(`every example of a public ${kind} is a program that runs`, () => {
    const idle = names.filter((each) => each.kinds.has(kind))
      .filter((each) => examplesOf(each).some((example) => !/^```ts\n/m.test(example)));
    assertEquals(shown(idle), []);
  });
}

Deno.test("every example of a public class or function shows its name", () => {
  const silent = names.filter(({ kinds }) => kinds.has("class") || kinds.has("function"))
    .filter(({ name, ...rest }) => {
      const examples = examplesOf({ name, ...rest });
      return examples.length > 0 && !examples.join("\n").includes(name);
    });
  assertEquals(shown(silent), []);
});
