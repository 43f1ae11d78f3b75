/**
 * Which parts of the library an application can reach, told by names alone.
 *
 * A function, a class or a variable is live when live code names it. A member is live when its class is
 * live and its name is used as that of a member anywhere in live code, whatever the object.
 */
import type { Link, ModuleOutline, Unit } from "./module_outline.ts";
import type { UsedNames } from "./used_names.ts";

/** Finds the modules of the library. */
export interface LibraryModules {
  /** The outline of a module. */
  outline(path: string): Promise<ModuleOutline>;
  /** The module of the library that an import leads to; `null` for what is not of the library. */
  resolve(specifier: string, importer: string): string | null;
  /** The names in a module that is not of the library, any of which it may call; `null` for none. */
  foreignNames(
    specifier: string,
    importer: string,
  ): Promise<Iterable<string>> | null;
}

/** What an application begins with. */
export interface Roots {
  /** Names of members that are used, whoever uses them. */
  readonly members: Iterable<string>;
  /** What is imported of the library: the module, and the name in it or `"*"`. */
  readonly imports: readonly (readonly [path: string, name: string])[];
}

/** What a runtime or the language calls without that it is named. */
export const CALLED_BY_RUNTIME: readonly string[] = [
  ...["constructor", "toString", "toJSON", "valueOf", "then", "handleEvent"],
  ...["next", "return", "throw", "message", "name", "stack", "cause"],
  ...[
    "fetch",
    "websocket",
    "scheduled",
    "queue",
    "email",
    "tail",
    "port",
    "hostname",
  ],
  ...["alarm", "webSocketMessage", "webSocketClose", "webSocketError"],
];

/** What answers a method of HTTP: handlers are asked for it by the name that the method has. */
export const VERBS: ReadonlySet<string> = new Set(
  ["get", "head", "post", "delete", "patch", "put", "options"],
);

/** Finds what is live. */
export class LiveNames {
  readonly #modules: LibraryModules;
  readonly #loaded = new Map<string, LoadedModule>();
  readonly #members = new Set<string>();
  readonly #foreign = new Set<string>();
  /** By the name of a member: what waits for it to be used. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #pending: Promise<void>[] = [];
  /** By module: the classes that something may be an instance of. */
  readonly #tested = new Map<string, Set<string>>();

  /** @param modules The library. */
  constructor(modules: LibraryModules) {
    this.#modules = modules;
  }

  /** Follows the names from the roots until no more come. */
  async follow({ members, imports }: Roots): Promise<void> {
    for (const name of [...CALLED_BY_RUNTIME, ...members]) {
      this.#useMember(name);
    }
    for (const [path, name] of imports) this.#use(path, name);
    do {
      for (
        let next = this.#pending.pop();
        next !== undefined;
        next = this.#pending.pop()
      ) await next;
    } while (await this.#useTested());
  }

  /** By module: the classes that it asks after, and that nothing makes an instance of. */
  get uninstantiated(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#tested;
  }

  /** Who asks after instances of a class needs it where there may be some; gives whether anybody does. */
  async #useTested(): Promise<boolean> {
    const all = [...this.#tested].flatMap(([path, names]) =>
      [...names].map((name) => ({ path, name }))
    );
    const used = await Promise.all(all.map(({ path, name }) => this.#isUsed(path, name)));
    const found = all.filter((_, index) => used[index]);
    for (const { path, name } of found) {
      this.#tested.get(path)?.delete(name);
      this.#use(path, name);
    }
    return found.length > 0;
  }

  /** Whether what a module calls by a name is used anywhere. What is not the library's always is. */
  async #isUsed(path: string, name: string): Promise<boolean> {
    if (this.#loaded.get(path)?.uses(name)) return true;
    const { units, imports, exports, wholes } = await this.#modules.outline(path);
    const link = [...imports, ...exports].find(({ local }) => local === name);
    if (link === undefined) {
      const unit = units.find((unit) => unit.owner === undefined && unit.name === name);
      // A variable may hold any class.
      if (unit !== undefined) return unit.bodyEnd === undefined;
      return !wholes.some(({ exportsAll }) => exportsAll);
    }
    const target = link.from === null ? path : this.#modules.resolve(link.from, path);
    return target === null || await this.#isUsed(target, link.name);
  }

  /** The modules of which something is live. */
  get paths(): Iterable<string> {
    return this.#loaded.keys();
  }

  /** Whether the library calls packages, which may do anything with what they are handed. */
  get hasForeign(): boolean {
    return this.#foreign.size > 0;
  }

  /** Whether a name stands in a package that the library calls. */
  isForeign(name: string): boolean {
    return this.#foreign.has(name);
  }

  /** The module, as far as it is live. */
  module(path: string): LoadedModule | undefined {
    return this.#loaded.get(path);
  }

  #use(path: string, name: string): void {
    const loaded = this.#loaded.get(path);
    if (loaded !== undefined) return loaded.use(name);
    const begun = new LoadedModule(path, {
      useNames: (names) => this.#useNames(path, names),
      useLink: (link) => this.#useLink(path, link),
      useWhole: (from, wanted) => this.#useFrom(path, from, wanted),
      whenMember: (member, then) => this.#whenMember(path, member, then),
    });
    this.#loaded.set(path, begun);
    begun.use(name);
    this.#pending.push(
      this.#modules.outline(path).then((outline) => begun.open(outline)),
    );
  }

  #useNames(path: string, { bindings, members, modules, tested }: UsedNames): void {
    for (const name of members) {
      this.#useMember(name.startsWith("#") ? `${path}${name}` : name);
    }
    for (const name of bindings) this.#loaded.get(path)?.use(name);
    for (const from of modules) this.#useFrom(path, from, "*");
    for (const name of tested) {
      this.#tested.set(path, (this.#tested.get(path) ?? new Set()).add(name));
    }
  }

  #useLink(path: string, { from, name }: Link): void {
    if (from === null) this.#loaded.get(path)?.use(name);
    else this.#useFrom(path, from, name);
  }

  #useFrom(path: string, from: string, name: string): void {
    const target = this.#modules.resolve(from, path);
    if (target !== null) return this.#use(target, name);
    const names = this.#modules.foreignNames(from, path);
    if (names === null) return;
    this.#pending.push(names.then((found) => {
      for (const each of found) {
        this.#foreign.add(each);
        this.#useMember(each);
      }
    }));
  }

  #useMember(name: string): void {
    if (this.#members.has(name)) return;
    this.#members.add(name);
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const then of waiting) then();
  }

  #whenMember(path: string, member: string, then: () => void): void {
    const name = member.startsWith("#") ? `${path}${member}` : member;
    if (this.#members.has(name)) return then();
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) this.#waiting.set(name, [then]);
    else waiting.push(then);
  }
}

/** What a {@linkcode LoadedModule} tells of. */
interface ModuleListener {
  useNames(names: UsedNames): void;
  useLink(link: Link): void;
  useWhole(from: string, name: string): void;
  whenMember(name: string, then: () => void): void;
}

/** A module of which something is live. */
export class LoadedModule {
  /** Its path. */
  readonly path: string;
  readonly #listener: ModuleListener;
  readonly #used = new Set<string>();
  readonly #live = new Set<Unit>();
  #outline: ModuleOutline | undefined;
  #isWhole = false;

  constructor(path: string, listener: ModuleListener) {
    this.path = path;
    this.#listener = listener;
  }

  /** Its outline, once it is there. */
  get outline(): ModuleOutline | undefined {
    return this.#outline;
  }

  /** Whether a part of it is live. */
  isLive(unit: Unit): boolean {
    return this.#live.has(unit);
  }

  /** Whether a name in it is used. */
  uses(name: string): boolean {
    return this.#used.has(name);
  }

  /** Uses a name of it, `"*"` for each that is used as a member anywhere. */
  use(name: string): void {
    if (this.#used.has(name)) return;
    this.#used.add(name);
    if (this.#outline !== undefined) this.#follow(name, this.#outline);
  }

  /** Goes on with what the module consists of. */
  open(outline: ModuleOutline): void {
    this.#outline = outline;
    this.#listener.useNames(outline.loose);
    for (const { from, exportsAll } of outline.wholes) {
      if (!exportsAll) this.#listener.useWhole(from, "*");
    }
    for (const name of [...this.#used]) this.#follow(name, outline);
  }

  #follow(name: string, outline: ModuleOutline): void {
    if (name === "*") return this.#followAll(outline);
    for (const unit of outline.units) {
      if (unit.owner === undefined && unit.name === name) {
        this.#begin(unit, outline);
      }
    }
    const links = [...outline.imports, ...outline.exports].filter(({ local }) => local === name);
    for (const link of links) this.#listener.useLink(link);
    for (const unit of outline.units) {
      if (unit.sets !== name || this.#live.has(unit)) continue;
      this.#live.add(unit);
      this.use(unit.owner ?? "");
      this.#listener.useNames(unit.names);
    }
    if (links.length > 0) return;
    // A module that exports all of another one may have the name from there.
    for (const { from, exportsAll } of outline.wholes) {
      if (exportsAll) this.#listener.useWhole(from, name);
    }
  }

  #followAll(outline: ModuleOutline): void {
    if (this.#isWhole) return;
    this.#isWhole = true;
    const own = outline.units.filter(({ owner }) => owner === undefined).map((
      { name },
    ) => name);
    for (const name of [...own, ...outline.exports.map(({ local }) => local)]) {
      if (name === "default") this.use(name);
      else this.#listener.whenMember(name, () => this.use(name));
    }
    for (const { from, exportsAll } of outline.wholes) {
      if (exportsAll) this.#listener.useWhole(from, "*");
    }
  }

  #begin(unit: Unit, outline: ModuleOutline): void {
    if (this.#live.has(unit)) return;
    this.#live.add(unit);
    this.#listener.useNames(unit.names);
    const members = outline.units.filter(({ owner, sets }) =>
      owner === unit.name && sets === undefined
    );
    const inherited = membersOfGlobal(unit.base, outline);
    for (const member of members) {
      const begin = () => {
        this.#live.add(member);
        this.#listener.useNames(member.names);
      };
      const answers = unit.base !== undefined && VERBS.has(member.name);
      if (inherited.has(member.name) || answers) begin();
      else this.#listener.whenMember(member.name, begin);
    }
  }
}

/** The members that the runtime calls because a class extends one of its own. */
function membersOfGlobal(
  base: string | undefined,
  outline: ModuleOutline,
): ReadonlySet<string> {
  const own = base !== undefined &&
    (outline.imports.some(({ local }) => local === base) ||
      outline.units.some(({ name }) => name === base));
  if (base === undefined || own) return new Set();
  const names = new Set<string>();
  for (
    let prototype: unknown = Object(Reflect.get(globalThis, base)).prototype;
    typeof prototype === "object" && prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
  }
  return names;
}
