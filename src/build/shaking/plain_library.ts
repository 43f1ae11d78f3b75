/** The modules of the library without what an application does not have. */
import { libraryFile } from "../library.ts";
import { type AbsentFeatures, foldAbsent } from "./feature_folding.ts";
import { type ModuleOutline, outlineOf } from "./module_outline.ts";
import { objectMakersIn } from "./object_makers.ts";
import type { ShakeInput } from "./shake.ts";
import { constantCalls, type ModuleStandIns, standInsFor } from "./stand_ins.ts";

/** A module of the library, folded and outlined. */
export interface PlainModule {
  readonly text: string;
  readonly outline: ModuleOutline;
}

/** The modules, each folded when it is asked for. */
export class PlainLibrary {
  readonly #input: ShakeInput;
  readonly #absent: Omit<AbsentFeatures, "calls">;
  readonly #standIns: ReadonlyMap<string, ModuleStandIns>;
  readonly #key: string;
  readonly #modules = new Map<string, Promise<PlainModule>>();

  /** @param application Every name in the application, and what it does not have. */
  constructor(
    input: ShakeInput,
    { given, absent }: {
      readonly given: ReadonlySet<string>;
      readonly absent: Omit<AbsentFeatures, "calls">;
    },
  ) {
    this.#input = input;
    this.#standIns = standInsFor({ ...input, given });
    this.#absent = absent;
    this.#key = JSON.stringify(Object.values(absent).map((names) => [...names].sort()));
  }

  /** A module. */
  module(path: string): Promise<PlainModule> {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const module = this.#load(path);
    this.#modules.set(path, module);
    return module;
  }

  async #load(path: string): Promise<PlainModule> {
    const text = await this.#input.textOf(path);
    const { functions = {} } = this.#standIns.get(path) ?? {};
    const calls = constantCalls(path, text, this.#standIns);
    const folded = await this.#input.remember(
      [path, text, this.#key, JSON.stringify([functions, [...calls]])],
      isText,
      () => foldAbsent(replaced(text, functions), { ...this.#absent, calls }),
    );
    return { text: folded, outline: outlineOf(folded, outlineOptions(path)) };
  }
}

/** How a module is outlined. */
export function outlineOptions(
  path: string,
): { readonly writesCode: boolean; readonly objectMakers: ReadonlySet<string> } {
  return { writesCode: writesCode(path), objectMakers: objectMakersIn(path) };
}

/** The engine of templates writes code: what its texts name is used. */
export function writesCode(path: string): boolean {
  return path.startsWith(libraryFile("template/compiler/"));
}

/** The cache is the user's own; a file of another make is not taken for one of ours. */
function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Puts other functions in the place of some. */
function replaced(text: string, functions: Readonly<Record<string, string>> = {}): string {
  const names = Object.keys(functions);
  const { units } = names.length === 0 ? NO_UNITS : outlineOf(text, { writesCode: false });
  const found = units.filter(({ name, owner }) => owner === undefined && names.includes(name));
  return found.toSorted((a, b) => b.start - a.start).reduce(
    (rest, { name, start, end }) => {
      const exported = rest.startsWith("export", start) ? "export " : "";
      return `${rest.slice(0, start)}${exported}${functions[name]}${rest.slice(end)}`;
    },
    text,
  );
}

const NO_UNITS: Pick<ModuleOutline, "units"> = { units: [] };
