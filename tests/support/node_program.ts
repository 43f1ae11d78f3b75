/**
 * A program for Node, in one piece, with `ws` beside it: as a package has it.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { fetchedPackage } from "./runtimes.ts";

/** Static functions that Node 20 lacks, and what stands for them; the package does the same. */
const REPLACED = {
  "Promise.withResolvers": "promiseWithResolvers",
  "RegExp.escape": "regExpEscape",
  "Array.fromAsync": "arrayFromAsync",
  "URL.parse": "urlParse",
};
const REPLACEMENTS = `
function promiseWithResolvers() {
  let resolve, reject;
  const promise = new Promise((...both) => [resolve, reject] = both);
  return { promise, resolve, reject };
}
function regExpEscape(text) {
  return text.replace(/[^A-Za-z0-9_]/g, (one) => "\\\\u" + one.charCodeAt(0).toString(16).padStart(4, "0"));
}
async function arrayFromAsync(items) {
  const array = [];
  for await (const item of items) array.push(item);
  return array;
}
function urlParse(text, base) {
  try { return new URL(text, base); } catch { return null; }
}
`;

/** What lowers the syntax: esbuild is not a dependency of the tests. */
const LOWER = `
import * as esbuild from "esbuild";
const [file, define] = Deno.args;
const { code } = await esbuild.transform(Deno.readTextFileSync(file), {
  format: "esm", target: "es2022", define: JSON.parse(define),
});
Deno.writeTextFileSync(file, code);
await esbuild.stop();
`;

/** Where Node is; `undefined` if it is not installed. */
export function nodePath(): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      if (Deno.statSync(`${folder}/node`).isFile) return `${folder}/node`;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/**
 * Makes the program.
 *
 * @param entry Its main module.
 * @param folder Where it goes, an empty folder.
 * @returns The path of its file.
 */
export async function buildForNode(entry: URL, folder: string): Promise<string> {
  const file = `${folder}/program.mjs`;
  await deno([
    "bundle",
    "-q",
    "--platform=deno",
    "--external=ws",
    "--external=node:*",
    "-o",
    file,
    entry.href,
  ]);
  const lower = `${folder}/lower.ts`;
  await Deno.writeTextFile(lower, LOWER);
  const config = new URL("../../.ci/deno.json", import.meta.url).pathname;
  await deno(["run", "-A", "-q", `--config=${config}`, lower, file, JSON.stringify(REPLACED)]);
  await Deno.writeTextFile(file, REPLACEMENTS + await Deno.readTextFile(file));
  await Deno.mkdir(`${folder}/node_modules`);
  await Deno.symlink(folderOfWs(), `${folder}/node_modules/ws`);
  return file;
}

function folderOfWs(): string {
  const folder = fetchedPackage(config.imports.ws);
  if (folder === undefined) throw new Error("Cannot find the package ws: deno install fetches it");
  return folder;
}

async function deno(args: readonly string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args] });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`Cannot run deno ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
