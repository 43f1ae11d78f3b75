/**
 * A small application that the program of `./dev` runs, and that a test changes.
 *
 * @module
 */
import { ChildServer } from "../support/child_server.ts";

const ROOT = new URL("../../", import.meta.url);

/** How {@link startSite} runs it. */
export interface SiteOptions {
  /** Options of the program. */
  readonly flags?: readonly string[];
  /** What the main module imports or does beside its routes. */
  readonly extra?: string;
  /** The main module as it is at first, in place of one that works. */
  readonly main?: (port: number) => string;
}

/** An application in a directory of its own. */
export class Site implements AsyncDisposable {
  /** The process of the program. */
  readonly program: ChildServer;

  /** @param program The process. */
  constructor(program: ChildServer) {
    this.program = program;
  }

  /** The beginning of its URLs. */
  get origin(): string {
    return `http://127.0.0.1:${this.program.port}`;
  }

  /** Writes a file of it. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.program.directory}/${name}`, text);
  }

  /** Writes its main module, which answers with `text`. */
  async writeMain(text: string): Promise<void> {
    await this.write("main.ts", mainModule(this.program.port, text));
  }

  /** The text of its first page; what is wrong where it cannot start; "" while neither is there. */
  async text(path = "/"): Promise<string> {
    try {
      const response = await fetch(this.origin + path);
      return await response.text();
    } catch {
      return "";
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.stop();
  }
}

/** The main module of an application whose pages say `text`. */
export function mainModule(port: number, text: string): string {
  return `import { Application, RequestHandler } from "${new URL("mod.ts", ROOT).href}";
import { word } from "./word.ts";

class Main extends RequestHandler {
  override async get() {
    await this.render("page.html", { text: ${JSON.stringify(text)} + word });
  }
}

const app = new Application([["/", Main]], {
  debug: true,
  templatePath: import.meta.dirname + "/templates",
  staticPath: import.meta.dirname + "/static",
});
if (import.meta.main) app.listen(${port}, { hostname: "127.0.0.1" });
`;
}

/** Runs it. */
export async function startSite({ flags = [], main }: SiteOptions = {}): Promise<Site> {
  const config = `--config=${new URL("deno.json", ROOT).pathname}`;
  const program = new URL("src/dev/mod.ts", ROOT).pathname;
  const child = await ChildServer.start({
    program: Deno.execPath(),
    args: ({ directory }) => [
      ...["run", "--allow-all", "--no-check", "--quiet", config, program],
      ...[config, "--no-check", ...flags, `${directory}/main.ts`],
    ],
    prepare: async ({ port, directory }) => {
      await Deno.mkdir(`${directory}/templates`);
      await Deno.mkdir(`${directory}/static`);
      await Deno.writeTextFile(`${directory}/static/site.css`, "h1 { color: rgb(255, 0, 0) }");
      await Deno.writeTextFile(`${directory}/templates/page.html`, TEMPLATE);
      await Deno.writeTextFile(`${directory}/word.ts`, `export const word = "!";\n`);
      await Deno.writeTextFile(`${directory}/main.ts`, (main ?? usual)(port));
    },
  });
  return new Site(child);
}

function usual(port: number): string {
  return mainModule(port, "first");
}

const TEMPLATE = `<!DOCTYPE html>
<html lang="en">
<head><title>Wind</title><link rel="stylesheet" href="{{ static_url("site.css") }}"></head>
<body><main><h1>{{ text }}</h1><label>Note <input name="note"></label></main></body>
</html>
`;
