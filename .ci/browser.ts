/**
 * Bundles `src/topics/browser/` into the script that servers hand to pages, and writes it down as a
 * module: one that runs from its source has no bundler.
 *
 * `deno task browser [folder]`; the folder is `src/topics/handlers/` unless told otherwise.
 *
 * @module
 */
import { build, stop } from "esbuild";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ENTRY = join(ROOT, "src/topics/browser/mod.ts");
/** Browsers since 2022; the `using` of sources is not in it. */
const TARGET = "es2022";
const NOTE = "// Written by `deno task browser`, from src/topics/browser/.\n";

async function main(folder = join(ROOT, "src/topics/handlers")): Promise<void> {
  const text = await bundle();
  const version = createHash("sha256").update(text).digest("base64url").slice(
    0,
    22,
  );
  await write(
    join(folder, "topic_client_text.ts"),
    `/** The browser's client of topics. */\n${NOTE}\n` +
      `/** The text of its module. */\n` +
      `export const TOPIC_CLIENT_TEXT: string =\n  ${JSON.stringify(text)};\n`,
  );
  await write(
    join(folder, "topic_client_version.ts"),
    `/** Which client of topics it is. */\n${NOTE}\n` +
      `/** A hash of its text, for URLs and the entity tag. */\n` +
      `export const TOPIC_CLIENT_VERSION: string = ${JSON.stringify(version)};\n`,
  );
}

/** As `deno fmt` would have it. */
async function write(file: string, text: string): Promise<void> {
  await Deno.writeTextFile(file, text);
  const args = ["fmt", "--quiet", `--config=${join(ROOT, "deno.json")}`, file];
  const { success } = await new Deno.Command(Deno.execPath(), { args })
    .output();
  if (!success) {
    throw new Error(`Cannot format ${file}: deno ${args.join(" ")} failed`);
  }
}

async function bundle(): Promise<string> {
  const { outputFiles: [file] } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    format: "esm",
    target: TARGET,
    charset: "utf8",
    write: false,
  });
  await stop();
  if (file === undefined) {
    throw new Error(`Cannot bundle ${ENTRY}: esbuild gave nothing`);
  }
  return file.text;
}

if (import.meta.main) await main(Deno.args[0]);
