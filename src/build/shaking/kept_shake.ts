/** A shaken library, as it is kept for the next build of an application. */
import { MATTERING_NAMES, type ShakenLibrary } from "./shake.ts";
import { allNamesIn } from "./used_names.ts";

/** What JSON can say of it. */
export interface KeptShake {
  readonly modules: readonly (readonly [path: string, text: string])[];
  readonly leftOut: readonly string[];
  readonly firstUses: string;
  /** The paths of the modules that were looked at. */
  readonly paths: readonly string[];
  /** Every name that the library had a use for. */
  readonly words: readonly string[];
  /** Those of them that the application named. */
  readonly named: readonly string[];
}

/** The modules that were looked at while a library was shaken. */
export class ShakeRecord {
  readonly #texts = new Map<string, string>();

  /** Notes a module. */
  note(path: string, text: string): void {
    this.#texts.set(path, text);
  }

  /**
   * What is kept.
   *
   * @param shaken The library.
   * @param names What the application names.
   */
  kept({ modules, leftOut, firstUses }: ShakenLibrary, names: ReadonlySet<string>): KeptShake {
    const words = new Set(MATTERING_NAMES);
    for (const text of this.#texts.values()) {
      for (const name of allNamesIn(text)) words.add(name);
    }
    const named = [...words.intersection(names)];
    const paths = [...this.#texts.keys()];
    return { modules: [...modules], leftOut, firstUses, paths, words: [...words], named };
  }
}

/** Whether something that was kept is a shaken library. */
export function isKeptShake(value: unknown): value is KeptShake {
  const { modules, paths, words, named } = Object(value);
  return [modules, paths, words, named].every(Array.isArray);
}

/** Whether an application comes to the same: what it names beside is of no use to the library. */
export function comesToSame({ words, named }: KeptShake, names: ReadonlySet<string>): boolean {
  const now = new Set(words).intersection(names);
  return now.size === named.length && named.every((name) => now.has(name));
}

/** The library. */
export function shakenOf({ modules, leftOut, firstUses }: KeptShake): ShakenLibrary {
  return { modules: new Map(modules), leftOut, firstUses };
}
