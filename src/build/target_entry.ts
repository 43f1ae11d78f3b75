/** What stands at the top of a bundle, and the files that a runtime wants beside it. */
import type { ApplicationFacts } from "./application_probe.ts";
import { BuildError } from "./build_error.ts";
import type { Target } from "./target.ts";

/** What they are made of. */
export interface EntryInput {
  readonly target: Target;
  /** The module of the application. */
  readonly entry: string;
  readonly facts: ApplicationFacts;
  /** The name of the bundle's file. */
  readonly file: string;
  /** Whether there is a folder of static files beside it. */
  readonly hasAssetFolder: boolean;
}

/**
 * The first module of a bundle.
 *
 * @throws {BuildError} If the target needs more than the application exports.
 */
export function entryText({ target, entry, facts }: EntryInput): string {
  const module = JSON.stringify(entry);
  if (target !== "node") {
    return `export { ${
      ["default", ...entrypointsOf(target, facts)].join(", ")
    } } from ${module};\n`;
  }
  if (!facts.listens) {
    throw new BuildError(
      `Cannot build ${entry} for Node: its default export has no listen(); make it an Application, ` +
        "and mount in it what there is",
    );
  }
  return `import application from ${module};
const { PORT = "8000", HOST } = process.env;
if (/^\\d{1,5}$/.test(PORT) && Number(PORT) <= 65535) {
  application.listen(Number(PORT), HOST ? { hostname: HOST } : {});
} else {
  console.error(\`Cannot listen on port "\${PORT}": PORT must be from 0 to 65535\`);
  process.exitCode = 1;
}
`;
}

/** The classes that the runtime looks for among the exports. */
function entrypointsOf(
  target: Target,
  { exports }: ApplicationFacts,
): string[] {
  if (target !== "workers") return [];
  return exports.filter(({ name, kind }) => kind === "entrypoint" && name !== "default")
    .map(({ name }) => name);
}

/** The day of the rules of Workers that a bundle is made for. */
export const COMPATIBILITY_DATE = "2026-09-01";

/** The files beside a bundle, by their names. */
export function companionFiles(input: EntryInput): ReadonlyMap<string, string> {
  switch (input.target) {
    case "workers":
      return new Map([["wrangler.jsonc", json(wranglerConfig(input))]]);
    case "node":
      return new Map([[
        "package.json",
        json({ private: true, type: "module", main: input.file }),
      ]]);
    case "deno":
    case "bun":
      return new Map();
  }
}

function wranglerConfig(
  { entry, facts, file, hasAssetFolder }: EntryInput,
): object {
  const classes = entrypointsOf("workers", facts);
  const name = /([^/\\]+)\.\w+$/.exec(entry)?.[1]?.toLowerCase().replace(
    /[^a-z0-9]+/g,
    "-",
  );
  return {
    name: name ?? "application",
    main: file,
    no_bundle: true,
    compatibility_date: COMPATIBILITY_DATE,
    compatibility_flags: ["nodejs_compat"],
    ...(hasAssetFolder &&
      { assets: { directory: "assets", binding: "ASSETS" } }),
    ...(classes.length > 0 && {
      durable_objects: {
        bindings: classes.map((each) => ({
          name: bindingOf(each),
          class_name: each,
        })),
      },
      migrations: [{ tag: "v1", new_sqlite_classes: classes }],
    }),
  };
}

/** `"ChatRoom"` is bound as `"CHAT_ROOM"`. */
function bindingOf(className: string): string {
  return className.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
