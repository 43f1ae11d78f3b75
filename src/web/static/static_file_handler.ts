/** The handler that serves files. */
import type { HandlerClass } from "../handler_traits.ts";
import { generalLog } from "../../log.ts";
import type { Application } from "../application.ts";
import { setRefusal } from "../request/served_request.ts";
import type { ApplicationSettings } from "../application_settings.ts";
import { isNotModified } from "../response/etag.ts";
import { atOnce, isPromiseLike, reportRejection } from "../../concurrent/coroutine/promise_like.ts";
import type { HandlerSeed } from "../handler_seed.ts";
import { HTTPError, type HTTPErrorOptions, StreamClosedError } from "../http_error.ts";
import { varies } from "../../http/fields/field.ts";
import type { ByteRange } from "../../http/fields/range.ts";
import { type Answer, exchangeOf, RequestHandler } from "../request_handler.ts";
import {
  type FileAccess,
  type FileContent,
  type FilePart,
  isChunk,
  partOf,
} from "./file_content.ts";
import { settingOf } from "../../checks/option_check.ts";
import { shown } from "../../checks/shown.ts";
import { checkRouteArgs, type RouteToCheck } from "../routing/route_check.ts";
import { STATIC_FILE_OPTIONS, STATIC_SETTINGS, type StaticFileOptions } from "./settings.ts";
import { staticUrl } from "./static_url.ts";
import { hashContent, MAX_HASHED_SIZE, stampOf } from "./content_version.ts";
import {
  type FileCache,
  fileCacheOf,
  forgetFiles,
  isDenied,
  type ServedRoot,
} from "./file_cache.ts";
import { mediaTypeOf } from "./media_type.ts";
import {
  type ContentCoding,
  type EncodedFile,
  preferredSibling,
  siblingCodings,
} from "./precompressed.ts";
import type { StaticFile } from "./static_file.ts";
import { isPossiblePath, isServableName, isWithin, joinPath, tidyPath } from "./static_path.ts";
import { selectRange } from "./static_range.ts";
import { reportMissingRoot } from "./missing_root.ts";
import { isNavigation } from "./navigation.ts";
import { canonicalSpelling } from "./url_spelling.ts";

/**
 * The static members that a class of static files may override.
 *
 * @category Static files
 */
export type StaticFileHandlerClass = typeof StaticFileHandler;

/**
 * Serves the files of a directory (`tornado.web.StaticFileHandler`).
 *
 * The setting `staticPath` sets it up for `/static/`; a route of one's own hands the directory as
 * `path`, and what its pattern took as the name of the file.
 *
 * A file is sent with an entity tag, `Last-Modified` and, where the URL has the current version in
 * `?v=` (see {@linkcode RequestHandler.staticUrl}), with ten years in the client's cache. One range is
 * answered with 206. Files up to 64 KiB are kept in memory, and a change of one shows within 100 ms;
 * larger ones are streamed at the client's pace.
 *
 * Names that leave the directory, also through a symbolic link, are 403; names with a NUL or a `\`,
 * of Windows devices, and those that begin with a dot are 404.
 *
 * A file has one URL, so that a route before this one, such as `["/files/private/(.*)", Guarded]`,
 * guards what is below it: with escapes that are not needed the client is redirected, and a `%2F`, an
 * empty part, a `.`, a `..`, and another case where the file system does not mind it are 404. A
 * directory and its `defaultFilename` are two URLs, and so are a file and a symbolic link to it.
 *
 * Most methods can be overridden. To serve from elsewhere than files, override `getAbsolutePath`,
 * `validateAbsolutePath`, `getContent`, `getContentVersion`, `getContentSize` and `getModifiedTime`.
 *
 * @typeParam App The application's class.
 *
 * @example
 * ```ts
 * import { Application, StaticFileHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${path}/hello.txt`, "Hello, file");
 *
 * const app = new Application([["/files/(.*)", StaticFileHandler, { path }]]);
 * const response = await app.fetch(new Request("http://localhost/files/hello.txt"));
 * assertEquals(await response.text(), "Hello, file");
 * ```
 *
 * @category Static files
 */
// deno-lint-ignore no-explicit-any -- as RequestHandler
export class StaticFileHandler<App extends Application = any> extends RequestHandler<App> {
  /** Milliseconds for which a client may keep a file that it asked for by its version: ten years. */
  static readonly CACHE_MAX_AGE: number = 10 * 365 * 24 * 60 * 60 * 1000;

  /**
   * Checks a route to the class, or to one that derives from it.
   */
  private static checkRouteTo(target: HandlerClass, route: RouteToCheck): void {
    checkRouteArgs(target, StaticFileHandler, {
      route,
      types: STATIC_FILE_OPTIONS,
      required: "path",
    });
    const takesName = route.groupCount !== 0 ||
      target.prototype.get !== StaticFileHandler.prototype.get;
    if (!takesName) throw noName(target, route);
  }

  /** The directory, tidied: see `initialize`. */
  root = "";
  /** The file that stands for a directory. */
  defaultFilename: string | undefined;
  /** The path below the root that was asked for. Set before `validateAbsolutePath` runs. */
  path = "";
  /** Where the file is. Set by the result of `validateAbsolutePath`. */
  absolutePath = "";
  /** When the file was modified; `null` where unknown. Set before the header fields are. */
  modified: Date | null = null;

  #options: StaticFileOptions = { path: "" };
  readonly #cache: FileCache;
  /** What the pattern of the route took from the URL, still percent-encoded. */
  readonly #groups: readonly (string | undefined)[];
  /** What is known of the file; `null` if there is none behind the content. */
  #file: StaticFile | null = null;
  #codings: readonly ContentCoding[] = [];
  #encoded: EncodedFile | null = null;
  #cacheControl: string | null = null;

  /**
   * Handlers are made by the application.
   *
   * @param seed What a subclass that has a constructor hands on to `super()`.
   */
  constructor(seed: HandlerSeed) {
    super(seed);
    const exchange = exchangeOf(this);
    // A handler that overrides `shouldReturn304` has the last word.
    exchange.conditional = false;
    this.#cache = fileCacheOf(exchange.application.settings);
    this.#groups = exchange.match.groups.args;
  }

  // ---- URLs and versions

  /**
   * The URL of a file below the setting `staticPath`. With its version, the client asks for it once
   * and again only when it has changed.
   *
   * @param settings The settings of the application.
   * @param path The path below `staticPath`, with `/` between its parts, not percent-encoded.
   * @param options `includeVersion`: default `true`.
   */
  static makeStaticUrl(
    settings: Readonly<ApplicationSettings>,
    path: string,
    { includeVersion = true }: { includeVersion?: boolean } = {},
  ): string {
    return staticUrl(
      settingOf(STATIC_SETTINGS, settings, "staticUrlPrefix"),
      path,
      includeVersion ? known(this.getVersion(settings, path), "getVersion()") : null,
    );
  }

  /**
   * The version of a file below the setting `staticPath`; `null`, with a line in the log, if it cannot
   * be read.
   */
  static getVersion(settings: Readonly<ApplicationSettings>, path: string): string | null {
    const cache = fileCacheOf(settings);
    const root = {
      path: tidyPath(settings.staticPath ?? "", cache.files),
      followSymlinks: settings.staticHandlerArgs?.followSymlinks === true,
    };
    const absolutePath = absolutePathOf(this, { root: root.path, path, cache });
    try {
      const file = cache.open(absolutePath, root);
      const hidden = file?.outside && !root.followSymlinks;
      const version = hidden ? null : versionOf(this, { absolutePath, file, cache });
      if (version === null) generalLog()?.error("Could not open static file {path}", { path });
      return version;
    } catch (error) {
      generalLog()?.error("Could not open static file {path}: {error}", { path, error });
      return null;
    }
  }

  /** Forgets the content and the versions of all files, of every application. */
  static reset(): void {
    forgetFiles();
  }

  // ---- where files are, and what is in them

  /**
   * Where a file is: by default the root and the path, joined and tidied.
   *
   * @param root The directory.
   * @param path What `parseUrlPath` made of the path of the URL.
   */
  static getAbsolutePath(root: string, path: string, { files }: FileAccess): string {
    return joinPath(tidyPath(root, files), path, files);
  }

  /**
   * The content of a file, or a part of it.
   *
   * @param absolutePath Where the file is.
   * @returns Text or bytes, or what gives them piece by piece: a stream, a generator.
   */
  static getContent(
    absolutePath: string,
    { files, start = 0, end }: FilePart,
  ): FileContent | Promise<FileContent> {
    return files.readRange(absolutePath, start, end ?? files.stat(absolutePath)?.size ?? 0);
  }

  /**
   * The version of a file, for `?v=` and for the entity tag; `null` for none. By default it is the
   * hash of the content, or the size and the time of the last change for a file of more than 1 MiB.
   *
   * @param absolutePath Where the file is.
   */
  static getContentVersion(absolutePath: string, access: FileAccess): string | null {
    if (!readsFiles(this)) {
      const content = this.getContent(absolutePath, access);
      if (isPromiseLike(content)) reportRejection(content, () => {});
      return isChunk(content) ? hashContent(content) : null;
    }
    const { files } = access;
    const stat = files.stat(absolutePath);
    if (!stat?.isFile) return null;
    const small = stat.size <= MAX_HASHED_SIZE;
    return small ? hashContent(files.readFileSync(absolutePath)) : stampOf(stat);
  }

  // ---- the request

  /**
   * Receives what the route says.
   *
   * @param options The directory, and how it is served.
   * @throws {TypeError} If there is no directory.
   */
  override initialize(options: StaticFileOptions): void {
    if (typeof options.path !== "string") {
      throw new TypeError(
        `Cannot serve static files from ${String(options.path)}: give the route a "path"`,
      );
    }
    this.#options = options;
    this.root = tidyPath(options.path, this.#cache.files);
    this.defaultFilename = options.defaultFilename;
  }

  /**
   * Sends the file, or its header fields for HEAD.
   *
   * @param urlPath The path below the root, as the route's pattern took it.
   */
  override get(urlPath: string): Answer {
    if (!isPossiblePath(urlPath)) throw this.#missing("no file can have this name");
    this.path = known(this.parseUrlPath(urlPath), "parseUrlPath()");
    const path = absolutePathOf(this.#class, {
      root: this.root,
      path: this.path,
      cache: this.#cache,
    });
    for (const group of this.#groups) {
      if (group === undefined) continue;
      const spelling = canonicalSpelling(group);
      if (spelling !== group) return this.#respell(group, { spelling, path });
    }
    const validated = this.validateAbsolutePath(this.root, path);
    if (isPromiseLike(validated)) return validated.then((path) => this.#serve(path));
    return this.#serve(validated);
  }

  /** Sends the client to the one spelling of a name, if only escapes are in the way. */
  #respell(
    group: string,
    { spelling, path }: { readonly spelling: string | null; readonly path: string },
  ): void {
    if (!isWithin(this.root, path, this.#cache.files)) this.#refuseOutside();
    const url = this.request.path;
    if (spelling === null || !url.endsWith(group)) {
      throw this.#missing("the URL is not the one of a file");
    }
    this.#redirect(url.slice(0, url.length - group.length) + spelling);
  }

  #redirect(path: string): void {
    // Two slashes would make the next segment the name of a host; browsers take "\" for one.
    if (/^\/[\\/]/.test(path)) {
      throw new HTTPError(403, { logMessage: "Cannot redirect path with two initial slashes" });
    }
    const { query } = this.request;
    this.redirect(query === "" ? path : `${path}?${query}`, { permanent: true });
  }

  #serve(absolutePath: string | null): void | Promise<void> {
    if (absolutePath === null) return;
    this.absolutePath = absolutePath;
    if (this.#file?.path !== absolutePath) this.#file = this.#open(absolutePath);
    return this.#respond();
  }

  #respond(): void | Promise<void> {
    this.modified = known(this.getModifiedTime(), "getModifiedTime()");
    this.#chooseCoding();
    const setting: unknown = this.setHeaders();
    return isPromiseLike(setting)
      ? Promise.resolve(setting).then(() => this.#sendContent())
      : this.#sendContent();
  }

  #sendContent(): void | Promise<void> {
    if (known(this.shouldReturn304(), "shouldReturn304()")) return this.setStatus(304);
    const size = known(this.getContentSize(), "getContentSize()");
    const range = this.#requestedRange(size);
    if (range === "unsatisfiable") return this.#refuseRange(size);
    if (range !== null) {
      this.setStatus(206);
      this.setHeader("Content-Range", `bytes ${range.start}-${range.end - 1}/${size}`);
    }
    return this.#send(range, size);
  }

  #requestedRange(size: number): ByteRange | "unsatisfiable" | null {
    const { request, modified } = this;
    const header = request.header("range");
    // Only for GET is it defined what a range means (RFC 9110 §14.2).
    if (header === null || request.method !== "GET") return null;
    const ifRange = request.header("if-range");
    return selectRange({ header, ifRange }, { size, etag: this.getHeader("etag"), modified });
  }

  #refuseRange(size: number): void {
    this.setStatus(416);
    this.setHeader("Content-Type", "text/plain");
    this.setHeader("Content-Range", `bytes */${size}`);
    // What the class has set itself stays.
    if (this.getHeader("Cache-Control") === this.#cacheControl) this.clearHeader("Cache-Control");
  }

  #send(range: ByteRange | null, size: number): void | Promise<void> {
    const length = range === null ? size : range.end - range.start;
    if (this.request.method === "HEAD") return this.setHeader("Content-Length", length);
    const file = this.#represented;
    const held = readsFiles(this.#class) ? file?.content ?? null : null;
    if (held !== null) return this.write(range === null ? held : partOf(held, range));
    const path = file?.path ?? this.absolutePath;
    const part = { files: this.#cache.files, start: range?.start ?? 0, end: range?.end ?? size };
    const content = this.#class.getContent(path, part);
    return isChunk(content) ? this.write(content) : this.#stream(content, length);
  }

  async #stream(pending: FileContent | Promise<FileContent>, length: number): Promise<void> {
    const content = await pending;
    if (isChunk(content)) return this.write(content);
    if (!isIterable(content)) {
      throw new TypeError(
        `Cannot send ${shown(content)} of getContent(): expected text, bytes or an iterable`,
      );
    }
    this.setHeader("Content-Length", length);
    try {
      for await (const chunk of content) {
        this.write(chunk);
        await this.flush();
      }
    } catch (error) {
      if (!(error instanceof StreamClosedError)) throw error;
    }
  }

  // ---- what may be overridden

  /** The path of a file, from what the pattern of the route took from the URL. */
  parseUrlPath(urlPath: string): string {
    return this.#cache.files.windows ? urlPath.replaceAll("/", "\\") : urlPath;
  }

  /**
   * Checks that a file may be served.
   *
   * @param root The directory.
   * @param absolutePath What `getAbsolutePath` gave.
   * @returns Where the file is; `null` if the request is answered already.
   * @throws {HTTPError} 403 or 404 if there is nothing to serve.
   */
  validateAbsolutePath(
    root: string,
    absolutePath: string,
  ): string | null | PromiseLike<string | null> {
    const { files } = this.#cache;
    if (!isWithin(root, absolutePath, files)) this.#refuseOutside();
    const { dotFiles = false } = this.#options;
    const name = absolutePath.slice(root.length).replace(/^[\\/]/, "");
    if (!isServableName(name, { windows: files.windows, dotFiles })) {
      throw this.#missing("a file of this name is never served");
    }
    const file = this.#open(absolutePath);
    if (file?.stat.isDirectory) return this.#enterDirectory(absolutePath);
    // A file is no directory.
    if (file?.stat.isFile && /[\\/]$/.test(this.path)) {
      throw this.#missing("a file has no slash at its end");
    }
    return this.#check(file);
  }

  #enterDirectory(absolutePath: string): string | null {
    if (this.defaultFilename === undefined) {
      return this.#singlePage() ?? this.#refuse("is not a file");
    }
    const { path } = this.request;
    if (!path.endsWith("/")) {
      this.#redirect(`${path}/`);
      return null;
    }
    const { files } = this.#cache;
    return this.#check(this.#open(joinPath(absolutePath, this.defaultFilename, files)));
  }

  #check(file: StaticFile | null): string {
    if (file === null) {
      const page = this.#singlePage();
      if (page !== null) return page;
      reportMissingRoot(this.root, this.#cache);
      throw this.#missing(
        `there is no such file in ${this.root}`,
        this.#options.singlePageFallback === undefined ? {} : BY_ACCEPT,
      );
    }
    return this.#servable(file);
  }

  /** The page of an application that does its routing in the browser; `null` if none is asked for. */
  #singlePage(): string | null {
    const { singlePageFallback } = this.#options;
    if (singlePageFallback === undefined || !isNavigation(this.request)) return null;
    const file = this.#open(joinPath(this.root, singlePageFallback, this.#cache.files));
    if (file === null) {
      reportMissingRoot(this.root, this.#cache);
      throw new HTTPError(404, {
        ...BY_ACCEPT,
        logMessage: `There is no ${JSON.stringify(singlePageFallback)} to fall back to`,
      });
    }
    this.path = singlePageFallback;
    this.addHeader("Vary", "Accept");
    return this.#servable(file);
  }

  #servable(file: StaticFile): string {
    if (file.outside && !this.#options.followSymlinks) this.#refuseOutside();
    if (!file.stat.isFile) this.#refuse("is not a file");
    return file.path;
  }

  /** Clients do not learn why. */
  #missing(why: string, options: HTTPErrorOptions = {}): HTTPError {
    setRefusal(this.request, why);
    return new HTTPError(404, options);
  }

  #refuseOutside(): never {
    this.#refuse("is not in root static directory");
  }

  #refuse(reason: string): never {
    throw new HTTPError(403, { logMessage: `${JSON.stringify(this.path)} ${reason}` });
  }

  /** The bytes of the whole file. */
  getContentSize(): number {
    const file = this.#represented;
    if (file === null) throw new HTTPError(404);
    return file.stat.size;
  }

  /** When the file was modified, without fractions of a second; `null` where unknown. */
  getModifiedTime(): Date | null {
    return this.#file?.modified ?? null;
  }

  /** The value of `Content-Type`; empty for none. By default the extension tells: see `mediaTypes`. */
  getContentType(): string {
    const typeOf = () => mediaTypeOf(this.absolutePath, this.application.settings.mediaTypes);
    if (this.#file === null) return typeOf();
    return this.#file.mediaType ??= typeOf();
  }

  /** The entity tag: the version of the content, of a part the same as of the whole. */
  override computeEtag(): string | null {
    const version = this.#versionOf(this.#represented);
    return version ? `"${version}"` : null;
  }

  /**
   * Sets the header fields of the file, and in the end calls `setExtraHeaders`. The content waits for
   * its promise.
   */
  setHeaders(): void | PromiseLike<void> {
    this.setHeader("Accept-Ranges", "bytes");
    const etag = known(this.computeEtag(), "computeEtag()");
    if (etag !== null) this.setHeader("Etag", etag);
    if (this.modified !== null) this.setHeader("Last-Modified", this.#lastModified(this.modified));
    const type = known(this.getContentType(), "getContentType()");
    if (type !== "") this.setHeader("Content-Type", type);
    this.#setCodingHeaders();
    this.#setCacheHeaders(type);
    return this.setExtraHeaders(this.path);
  }

  /** Writing a date costs more than all the rest of the header. */
  #lastModified(modified: Date): string | Date {
    return this.#file?.modified === modified ? this.#file.lastModified : modified;
  }

  /** Sets more header fields. Override it; by default it does nothing. It may be `async`. */
  setExtraHeaders(_path: string): void | PromiseLike<void> {}

  /**
   * Milliseconds for which a client may keep the file without asking; 0 lets it guess.
   *
   * By default it is {@linkcode CACHE_MAX_AGE} if the URL has the current version in `?v=`, else 0.
   *
   * @param _path The path below the root.
   * @param _modified When the file was modified.
   * @param _type The value of `Content-Type`.
   */
  getCacheTime(_path: string, _modified: Date | null, _type: string): number {
    return this.#isVersioned ? this.#class.CACHE_MAX_AGE : 0;
  }

  /** Whether the client has the file already (RFC 9110 §13.2.2). It is asked before any range. */
  shouldReturn304(): boolean {
    return isNotModified(this.request, this);
  }

  // ---- caches, versions, codings

  #setCacheHeaders(type: string): void {
    const time = known(this.getCacheTime(this.path, this.modified, type), "getCacheTime()");
    if (time > 0) {
      const age = `max-age=${Math.floor(time / 1000)}`;
      this.#cacheControl = this.#isVersioned ? `${age}, immutable` : age;
    } else if (this.#requestedVersion !== null) {
      // What has this version elsewhere, before or after, must not be hidden by what is here now.
      this.#cacheControl = "no-cache";
    }
    if (this.#cacheControl !== null) this.setHeader("Cache-Control", this.#cacheControl);
  }

  get #requestedVersion(): string | null {
    const { request } = this;
    if (request.query === "") return null;
    // What makeStaticUrl writes needs no parsing.
    const alone = /^v=([\w-]*)$/.exec(request.query)?.[1];
    return alone ?? request.queryArguments["v"]?.at(-1) ?? null;
  }

  /** Whether the URL has the current version of the file. */
  get #isVersioned(): boolean {
    const version = this.#requestedVersion;
    if (version === null) return false;
    if (version === this.#versionOf(this.#file)) return true;
    const owner = this.#class;
    return owner.getVersion !== StaticFileHandler.getVersion &&
      version === known(owner.getVersion(this.settings, this.path), "getVersion()");
  }

  #versionOf(file: StaticFile | null): string | null {
    const absolutePath = file?.path ?? this.absolutePath;
    return versionOf(this.#class, { absolutePath, file, cache: this.#cache });
  }

  #chooseCoding(): void {
    const { request } = this;
    const file = this.#file;
    if (file === null || this.#options.precompressed === false || !readsFiles(this.#class)) return;
    const root = this.#servedRoot;
    this.#codings = siblingCodings(this.#cache, file, root);
    // A range is one of the file itself: what its bytes are must not depend on the client.
    const ranged = request.method === "GET" && request.header("range") !== null;
    if (this.#codings.length === 0 || ranged) return;
    const accepted = request.header("accept-encoding");
    this.#encoded = preferredSibling(this.#cache, file, { accepted, root });
  }

  #setCodingHeaders(): void {
    if (this.#codings.length === 0) return;
    if (!varies(this.getHeader("Vary"), VARIES_BY)) this.addHeader("Vary", VARIES_BY);
    if (this.#encoded !== null) this.setHeader("Content-Encoding", this.#encoded.coding);
  }

  /** The file whose bytes are sent: the one asked for, or it in a coding. */
  get #represented(): StaticFile | null {
    return this.#encoded?.file ?? this.#file;
  }

  // ---- files

  /** The class of the handler: TypeScript does not know that a constructor is the class itself. */
  get #class(): StaticFileHandlerClass {
    return this.constructor as StaticFileHandlerClass;
  }

  get #servedRoot(): ServedRoot {
    return { path: this.root, followSymlinks: this.#options.followSymlinks === true };
  }

  #open(path: string): StaticFile | null {
    try {
      return this.#file = this.#cache.open(path, this.#servedRoot);
    } catch (error) {
      if (isDenied(error)) this.#refuse("may not be read");
      throw error;
    }
  }
}

function noName({ name }: { name: string }, { pattern, isDefault }: RouteToCheck): TypeError {
  if (isDefault) {
    return new TypeError(
      `Cannot use ${name} as "defaultHandlerClass": no group takes the name of the file; ` +
        `write the route ["/(.*)", ${name}, …] last`,
    );
  }
  const example = pattern.startsWith('"')
    ? `"${pattern.slice(1, -1).replace(/\/$/, "")}/(.*)"`
    : "(.*)";
  return new TypeError(
    `Cannot serve static files by the pattern ${pattern}: it has no group that takes the name ` +
      `of the file; write ${example}`,
  );
}

/** The request header that the codings of a file depend on. */
const VARIES_BY = "Accept-Encoding";

/** What a cache has to know of a 404 that others would not get. */
const BY_ACCEPT = { headers: { Vary: "Accept" } };

/** Whether the content comes from files as they are, so that what is known of them may be used. */
function readsFiles(owner: StaticFileHandlerClass): boolean {
  return owner.getContent === StaticFileHandler.getContent;
}

/** The version that a class gives to a content, remembered with the file that it comes from. */
function versionOf(
  owner: StaticFileHandlerClass,
  { absolutePath, file, cache }: {
    absolutePath: string;
    file: StaticFile | null;
    cache: FileCache;
  },
): string | null {
  const ask = () => known(owner.getContentVersion(absolutePath, cache), "getContentVersion()");
  if (file === null) return ask();
  let version = file.versions.get(owner);
  if (version === undefined) {
    const own = owner.getContentVersion !== StaticFileHandler.getContentVersion;
    version = own || file.content === null || !readsFiles(owner)
      ? ask()
      : hashContent(file.content);
    file.versions.set(owner, version);
  }
  return version;
}

function isIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value);
}

function absolutePathOf(
  owner: StaticFileHandlerClass,
  { root, path, cache }: { root: string; path: string; cache: FileCache },
): string {
  const absolute = known(owner.getAbsolutePath(root, path, cache), "getAbsolutePath()");
  if (typeof absolute === "string") return absolute;
  throw new TypeError(`Cannot use ${shown(absolute)} of getAbsolutePath(): expected a path`);
}

/** What an override gave that must not wait. */
function known<T>(value: T, hook: string): T {
  return atOnce(value, hook, "it must not be async; wait in an async validateAbsolutePath()");
}
