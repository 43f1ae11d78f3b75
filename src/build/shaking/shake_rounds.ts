/** Rounds of cutting and folding, until nothing more can be left out. */
import { dirname, resolve } from "node:path";
import { isLibrary } from "../library.ts";
import { simplified } from "./feature_folding.ts";
import { FirstUses } from "./first_use.ts";
import { foldLive } from "./folding/live_folding.ts";
import { LiveNames } from "./live_names.ts";
import { cutModule, type LeftOut, withNotices } from "./module_cutting.ts";
import { type ModuleOutline, outlineOfProgram } from "./module_outline.ts";
import { ModuleSyntax } from "./folding/module_syntax.ts";
import { isRuntimeName } from "./folding/runtime_names.ts";
import {
  outlineOptions,
  type PlainLibrary,
  type PlainModule,
  writesCode,
} from "./plain_library.ts";
import type { ShakeInput, ShakenLibrary } from "./shake.ts";
import { edited, type TextEdit } from "./text_edits.ts";
import { namesInTexts } from "./used_names.ts";

/** So many rounds are enough: each takes a part of what the one before has left. */
const MAX_ROUNDS = 24;

/** Follows the names from what the application imports and names. */
export async function liveIn(
  { names, settings, imports, foreignNames }: ShakeInput,
  module: (path: string) => Promise<PlainModule>,
): Promise<LiveNames> {
  const live = new LiveNames({
    outline: async (path) => (await module(path)).outline,
    resolve: resolveWithin,
    foreignNames,
  });
  await live.follow({ members: [...names, ...settings], imports });
  return live;
}

/** A module of which all is live. */
interface LiveModule {
  readonly text: string;
  readonly syntax: ModuleSyntax;
  readonly outline: ModuleOutline;
}

/** The rounds of one application. */
export class ShakeRounds {
  readonly #input: ShakeInput;
  readonly #given: ReadonlySet<string>;
  readonly #plain: PlainLibrary;
  /** What names of settings end with: handlers have some of them by such a name. */
  readonly #parts: ReadonlySet<string>;
  readonly #modules = new Map<string, LiveModule>();
  /** The keys of objects that are written out, where anything is live, before anything is left out. */
  readonly #keys = new Set<string>();
  /** By module and class: what was left out so far. */
  readonly #leftOut = new Map<string, Map<string, LeftOut[]>>();

  /**
   * @param given Every name in the application, and the settings that it gives.
   * @param plain The library.
   */
  constructor(input: ShakeInput, given: ReadonlySet<string>, plain: PlainLibrary) {
    this.#input = input;
    this.#given = given;
    this.#plain = plain;
    this.#parts = new Set([...input.allSettings.keys()].flatMap(endingsOf));
  }

  /** @param first What is live before the first round. */
  async run(first: LiveNames): Promise<ShakenLibrary> {
    let live = first;
    for (const path of first.paths) {
      const { loose, units } = (await this.#plain.module(path)).outline;
      for (const { keys } of [loose, ...units.map(({ names }) => names)]) {
        for (const key of keys) this.#keys.add(key);
      }
    }
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.#cut(live);
      if (!await this.#fold(live)) break;
      live = await liveIn(this.#input, (path) => this.#module(path));
    }
    return this.#result(live);
  }

  #module(path: string): Promise<PlainModule> {
    const known = this.#modules.get(path);
    return known === undefined ? this.#plain.module(path) : Promise.resolve(known);
  }

  async #cut(live: LiveNames): Promise<void> {
    const dead = new Set(this.#modules.keys()).difference(new Set(live.paths));
    for (const path of dead) this.#modules.delete(path);
    for (const path of live.paths) {
      const module = live.module(path);
      const { text } = await this.#module(path);
      if (module === undefined) continue;
      const cut = cutModule(text, module);
      for (const [owner, members] of cut.leftOut) this.#note(path, owner, members);
      if (cut.text !== text || !this.#modules.has(path)) this.#keep(path, cut.text);
    }
  }

  #note(path: string, owner: string, members: readonly LeftOut[]): void {
    const classes = this.#leftOut.get(path) ?? new Map<string, LeftOut[]>();
    classes.set(owner, [...classes.get(owner) ?? [], ...members]);
    this.#leftOut.set(path, classes);
  }

  #keep(path: string, text: string): void {
    const syntax = new ModuleSyntax(path, text);
    const outline = outlineOfProgram(syntax.program, outlineOptions(path));
    // Of an import of which nothing is used, the bundler has left the module's name.
    const wholes = outline.wholes.filter(({ exportsAll }) => exportsAll);
    this.#modules.set(path, { text, syntax, outline: { ...outline, wholes } });
  }

  /** Folds what there is; gives whether that was anything. */
  async #fold(live: LiveNames): Promise<boolean> {
    const written = new Set(
      [...this.#modules].filter(([path]) => writesCode(path))
        .flatMap(([, { syntax }]) => namesInTexts([syntax.program])),
    );
    const edits = foldLive({
      modules: this.#modules,
      resolve: resolveWithin,
      roots: this.#input.imports,
      withoutInstances: live.uninstantiated,
      isOpen: (name) =>
        this.#given.has(name) || this.#parts.has(name) || live.isForeign(name) || written.has(name),
      isShared: isRuntimeName,
      isKey: (name) => this.#keys.has(name),
    });
    const changed = await Promise.all(
      [...edits].map(([path, all]) => this.#apply(path, all)),
    );
    return changed.includes(true);
  }

  async #apply(path: string, edits: readonly TextEdit[]): Promise<boolean> {
    const { text = "" } = this.#modules.get(path) ?? {};
    const folded = await simplified(edited(text, edits));
    if (folded === text) return false;
    this.#keep(path, folded);
    return true;
  }

  #result(live: LiveNames): ShakenLibrary {
    const modules = new Map<string, string>();
    const leftOut: string[] = [];
    const firstUses = new FirstUses();
    // Those who put names together are told.
    const tells = this.#input.computesNames || live.hasForeign;
    // They were found in any order; the same application comes to the same bundle.
    for (const path of [...live.paths].sort()) {
      const { text, outline } = this.#modules.get(path) ?? {};
      if (text === undefined || outline === undefined) continue;
      const members = this.#leftOut.get(path) ?? new Map<string, LeftOut[]>();
      const noted = tells ? withNotices(text, outline, members) : text;
      modules.set(path, firstUses.replaced(noted, (from) => resolveWithin(from, path)));
      const classes = new Set(outline.units.map(({ name }) => name));
      for (const [owner, left] of members) {
        if (classes.has(owner)) {
          leftOut.push(...new Set(left.map(({ name }) => `${owner}.${name}`)));
        }
      }
    }
    return { modules, leftOut: leftOut.sort(), firstUses: firstUses.text };
  }
}

function resolveWithin(specifier: string, importer: string): string | null {
  if (!specifier.startsWith(".") && !specifier.startsWith("/")) return null;
  const path = resolve(dirname(importer), specifier);
  return isLibrary(path) && path.endsWith(".ts") ? path : null;
}

/** `"websocketPingInterval"` ends with `"pingInterval"` and with `"interval"`. */
function endingsOf(name: string): string[] {
  return [...name.matchAll(/[A-Z]/g)].map(([letter], index, all) =>
    letter.toLowerCase() + name.slice((all[index]?.index ?? 0) + 1)
  );
}
