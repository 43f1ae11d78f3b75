import type { ImportBinding } from "./nodes.ts";

/** What an import says. */
export interface ImportStatement {
  readonly module: string;
  readonly bindings: readonly ImportBinding[];
}

const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/**
 * Reads `import m`, `import m as x`, `import * as x from "m"`, `import { a, b as c } from "m"` and
 * Python's `from m import a, b as c`.
 *
 * @param statement All of the tag's content.
 * @returns `undefined` when it is none of these.
 */
export function readImport(statement: string): ImportStatement | undefined {
  const text = statement.trim().replace(/\s+/g, " ");
  const names = /^import ?\{(.*)\} ?from (.+)$/.exec(text);
  if (names) return bind(names[2], names[1]);
  const fromNames = /^from (\S+) import (.+)$/.exec(text);
  if (fromNames) return bind(fromNames[1], fromNames[2]);
  const all = /^import \* as (\S+) from (.+)$/.exec(text);
  if (all) return bind(all[2], undefined, all[1]);
  const module = /^import (\S+)(?: as (\S+))?$/.exec(text);
  return module ? bind(module[1], undefined, module[2] ?? module[1]) : undefined;
}

function bind(quoted = "", names = "", whole?: string): ImportStatement | undefined {
  const module = quoted.trim().replace(/^(["'])(.*)\1$/, "$2");
  const bindings = whole === undefined
    ? names.split(",").map((each) => each.trim()).filter((each) => each !== "").map(readBinding)
    : [{ variable: whole, imported: undefined }];
  const valid = module !== "" && bindings.length > 0 &&
    bindings.every((each) => NAME.test(each.variable) && NAME.test(each.imported ?? "x"));
  return valid ? { module, bindings } : undefined;
}

function readBinding(text: string): ImportBinding {
  const [imported = "", variable = imported] = text.split(" as ");
  return { variable, imported };
}
