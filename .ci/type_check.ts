/** Checks `main.ts` of a folder as TypeScript does for Node, and prints what is wrong with it. */
import ts from "typescript";

const [folder = "."] = Deno.args;
const program = ts.createProgram([`${folder}/main.ts`], {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2024,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
});
const found = ts.getPreEmitDiagnostics(program);
console.log(ts.formatDiagnostics(found, {
  getCanonicalFileName: (file) => file,
  getCurrentDirectory: () => folder,
  getNewLine: () => "\n",
}));
if (found.length > 0) Deno.exit(1);
