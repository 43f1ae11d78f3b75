/**
 * A registry of npm with one package. Deno finds the others in its cache, as ever.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import config from "../../deno.json" with { type: "json" };
import type { BuiltPackage } from "./built_package.ts";
import { registries } from "./runtimes.ts";

/** Serves a package until it is disposed. */
export class NpmRegistry implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(server: Deno.HttpServer<Deno.NetAddr>) {
    this.#server = server;
  }

  /** Serves what npm would publish. */
  static async serve(built: BuiltPackage): Promise<NpmRegistry> {
    const { tarball } = await built.pack();
    const bytes = await Deno.readFile(tarball);
    const manifest = JSON.parse(await Deno.readTextFile(`${built.folder}/package.json`));
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    const answer = (request: Request) => {
      const { origin, pathname } = new URL(request.url);
      if (pathname.endsWith(".tgz")) return new Response(bytes);
      const dist = { tarball: `${origin}/package.tgz`, integrity };
      const { name, version } = manifest;
      return Response.json({
        name,
        "dist-tags": { latest: version },
        versions: { [version]: { ...manifest, dist } },
      });
    };
    const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    return new NpmRegistry(Deno.serve(place, answer));
  }

  /** Says in a folder where the package is found. */
  async configure(folder: string): Promise<void> {
    const [scope] = config.name.split("/");
    const line = `${scope}:registry=http://127.0.0.1:${this.#server.addr.port}/\n`;
    await Deno.writeTextFile(`${folder}/.npmrc`, line);
  }

  /** Ends it. What Deno keeps of it goes, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    // Deno keeps packages in a folder for each registry, by its port.
    const [another = ""] = registries();
    const kept = `${dirname(another)}/${this.#server.addr.port}`;
    if (existsSync(kept)) await Deno.remove(kept, { recursive: true });
  }
}
