/**
 * Fields that hold what a setting has made, in an application without the setting: live code sets them
 * to one constant and to nothing else, so that they can be read as that constant.
 */
import type { LiveNames } from "./live_names.ts";
import type { Write } from "./used_names.ts";

/**
 * Finds them. A name is not taken for that of a constant field if anything else could have it: the
 * application, a package, an object of the runtime, an object that is written out, a method, a text.
 *
 * @param live What is live.
 * @param names Every name outside the library.
 * @returns By name, the constant as it is written.
 */
export function constantFields(
  live: LiveNames,
  names: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const values = new Map<string, string | null>();
  for (const [name, constant] of writesIn(live)) {
    values.set(name, joined(values.get(name), constant));
  }
  const constants = [...values].filter((entry): entry is [string, string] => entry[1] !== null);
  return new Map(
    constants.filter(([name]) =>
      !name.startsWith("#") && !names.has(name) && !live.isForeign(name) &&
      !runtimeNames().has(name)
    ),
  );
}

/** What a field is after one more write. One that is declared without a value is given it later. */
function joined(
  known: string | null | undefined,
  constant: string | null,
): string | null {
  if (known === undefined || known === constant) return constant;
  if (
    known === "void 0" && constant === "false" ||
    known === "false" && constant === "void 0"
  ) {
    return "false";
  }
  return null;
}

function* writesIn(live: LiveNames): Generator<Write> {
  for (const path of live.paths) {
    const module = live.module(path);
    if (module?.outline === undefined) continue;
    yield* module.outline.loose.writes;
    for (const unit of module.outline.units) {
      if (!module.isLive(unit)) continue;
      yield* unit.names.writes;
      if (unit.owner !== undefined) yield [unit.name, null];
    }
  }
}

let known: ReadonlySet<string> | undefined;

/** The names of all members that objects of the runtime have. */
function runtimeNames(): ReadonlySet<string> {
  return known ??= new Set(
    Object.getOwnPropertyNames(globalThis).flatMap((name) => {
      const value: unknown = Reflect.get(globalThis, name);
      if (
        value === null ||
        typeof value !== "object" && typeof value !== "function"
      ) return [name];
      const prototype: unknown = Reflect.get(value, "prototype");
      return [
        name,
        ...Object.getOwnPropertyNames(value),
        ...(typeof prototype === "object" && prototype !== null
          ? Object.getOwnPropertyNames(prototype)
          : []),
      ];
    }),
  );
}
