import { assert, assertGreater } from "@std/assert";

const ROW = /^\| (.*?) +\| .*? +\| `([\w/]+)` +\| `(.+?)` +\|$/;

/** The rows of the table of what once went wrong. */
function guards(): { readonly file: string; readonly rule: string }[] {
  const text = Deno.readTextFileSync(new URL("./REGRESSIONS.md", import.meta.url));
  return text.split("\n").flatMap((line) => {
    const [, , file, rule] = ROW.exec(line) ?? [];
    return file === undefined || rule === undefined ? [] : [{ file, rule }];
  });
}

Deno.test("every rule against what once went wrong is a test of that name", () => {
  assertGreater(guards().length, 40);
  for (const { file, rule } of guards()) {
    const source = Deno.readTextFileSync(new URL(`${file}_test.ts`, import.meta.url));
    const isThere = ['"', "`", "'"].some((quote) => source.includes(quote + rule + quote));
    assert(isThere, `${file}_test.ts has no test ${JSON.stringify(rule)}`);
  }
});
