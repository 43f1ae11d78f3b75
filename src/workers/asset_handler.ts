/** Static files that Workers keep for the application. */
import { checkOptions, STRING } from "../checks/option_check.ts";
import type { Application } from "../web/application.ts";
import { HTTPError } from "../web/http_error.ts";
import { RequestHandler } from "../web/request_handler.ts";

/**
 * The arguments of {@linkcode AssetHandler}.
 *
 * @category Workers
 */
export interface AssetOptions {
  /** The name of the asset binding. Default `"ASSETS"`. */
  readonly binding?: string;
}

/** What a binding of assets, or of another worker, can do. */
interface Fetcher {
  fetch(request: Request): Promise<Response>;
}

/** Of the request, what decides which answer it gets. */
const PASSED_FIELDS = [
  "accept-encoding",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "range",
];

/**
 * Serves files out of an asset binding of Workers. Entity tags, ranges, media types and redirects are those
 * of the binding; a file that is not there is the application's own 404.
 *
 * Workers serve assets before they ask a worker, unless `run_worker_first` is set in their configuration.
 * This handler is for files that somebody guards, or that middleware stands around.
 *
 * @example
 * ```ts
 * import { Application } from "@gustnado/gustnado";
 * import { AssetHandler } from "@gustnado/gustnado/workers";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Application([["/static/(.*)", AssetHandler]]);
 * // Workers make it.
 * const ASSETS = { fetch: () => Promise.resolve(new Response("body {}")) };
 * const context = { waitUntil() {} };
 * const request = new Request("http://localhost/static/style.css");
 * const response = await app.fetch(request, { ASSETS }, context);
 * assertEquals(await response.text(), "body {}");
 * ```
 *
 * @category Workers
 */
// deno-lint-ignore no-explicit-any -- as RequestHandler
export class AssetHandler<App extends Application = any> extends RequestHandler<App> {
  #binding = "ASSETS";

  /**
   * Takes the arguments of the route.
   *
   * @throws {TypeError} If one is unknown or ill-typed.
   */
  override initialize(options: AssetOptions = {}): void {
    checkOptions(options, { binding: STRING }, "argument of an AssetHandler");
    this.#binding = options.binding ?? "ASSETS";
  }

  /** Sends the file. */
  override async get(..._pathArgs: string[]): Promise<Response> {
    const response = await this.#assets.fetch(this.#assetRequest());
    if (response.status !== 404) return response;
    await response.body?.cancel();
    throw new HTTPError(404);
  }

  /** As {@linkcode get}, without the content. */
  override head(...pathArgs: string[]): Promise<Response> {
    return this.get(...pathArgs);
  }

  #assetRequest(): Request {
    const { raw, method } = this.request;
    const headers = new Headers();
    for (const name of PASSED_FIELDS) {
      const value = this.request.header(name);
      if (value !== null) headers.set(name, value);
    }
    return new Request(raw.url, { method, headers });
  }

  get #assets(): Fetcher {
    const binding: unknown = Reflect.get(this.getEnvironment(), this.#binding);
    if (isFetcher(binding)) return binding;
    throw new Error(
      `Cannot serve assets: the environment has no binding "${this.#binding}"; name it in the ` +
        'configuration of the worker, as in "assets": { "binding": "ASSETS" }',
    );
  }
}

/** Bindings are objects of the runtime, whose methods are inherited. */
function isFetcher(value: unknown): value is Fetcher {
  return typeof value === "object" && value !== null && "fetch" in value &&
    typeof value.fetch === "function";
}
