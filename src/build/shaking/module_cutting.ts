/** A module without what nothing reaches. */
import { type LoadedModule, VERBS } from "./live_names.ts";
import type { Link, ModuleOutline, Span, Unit } from "./module_outline.ts";

/** The function that makes the members that were left out say so, and the module that it comes from. */
export const LEFT_OUT: {
  readonly name: string;
  readonly module: string;
  readonly text: string;
} = {
  name: "gustnadoLeftOut",
  module: "gustnado:left_out",
  text: `export function gustnadoLeftOut(prototype, names) {
  for (const name of names.split(" ")) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get() {
        throw new Error("Cannot use " + name + ": it was left out of the bundle because nothing named it; " +
          "build with --keep " + name);
      },
      set(value) {
        Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
      },
    });
  }
}
`,
};

/** What is left of a module, and what is not. */
export interface CutModule {
  readonly text: string;
  /** By class: the members that are left out of those that stay. */
  readonly leftOut: ReadonlyMap<string, readonly LeftOut[]>;
}

/** A member that is left out. */
export type LeftOut = Pick<Unit, "name" | "isStatic">;

interface Edit extends Span {
  readonly text: string;
}

/**
 * Cuts what is not live. Everything else stays at its place, so that source maps hold.
 *
 * @param text The module.
 * @param module What of it is live.
 */
export function cutModule(text: string, module: LoadedModule): CutModule {
  const { outline } = module;
  if (outline === undefined) return { text, leftOut: new Map() };
  const edits: Edit[] = [];
  const dead = outline.units.filter((unit) => !module.isLive(unit));
  for (const { start, end, owner, blank = "" } of dead) {
    edits.push({ start, end, text: owner === undefined ? blank : "" });
  }
  edits.push(
    ...linkEdits(outline.imports, module, text),
    ...linkEdits(outline.exports, module, text),
  );
  const classes = outline.units.filter((unit) => unit.bodyEnd !== undefined && module.isLive(unit));
  const leftOut = new Map(classes.map(({ name }) => [
    name,
    dead.filter((unit) => unit.owner === name && /^[^#=]/.test(unit.name)),
  ]));
  return { text: edited(text, edits), leftOut };
}

/**
 * Has classes say of members that they were left out, to those who look for them all the same.
 *
 * @param text A module.
 * @param outline Its outline.
 * @param leftOut The members, by class.
 */
export function withNotices(
  text: string,
  { units }: Pick<ModuleOutline, "units">,
  leftOut: ReadonlyMap<string, readonly LeftOut[]>,
): string {
  const notices = units.flatMap(({ name, bodyEnd }) =>
    bodyEnd === undefined ? [] : noticeOf(leftOut.get(name) ?? [], bodyEnd)
  );
  if (notices.length === 0) return text;
  return `${edited(text, notices)}\nimport { ${LEFT_OUT.name} } from "${LEFT_OUT.module}";\n`;
}

function noticeOf(members: readonly LeftOut[], bodyEnd: number): Edit[] {
  const names = new Set(members.filter(({ isStatic }) => !isStatic).map(({ name }) => name));
  // Handlers need not have one that answers a method.
  const list = [...names.difference(VERBS)].join(" ");
  if (list === "") return [];
  const text = ` static { ${LEFT_OUT.name}(this.prototype, ${JSON.stringify(list)}); } `;
  return [{ start: bodyEnd, end: bodyEnd, text }];
}

/** Imports and exports that nobody uses; a statement goes with the last of them. */
function linkEdits(
  links: readonly Link[],
  module: LoadedModule,
  text: string,
): Edit[] {
  const statements = Map.groupBy(links, ({ statement }) => statement.start);
  return [...statements.values()].flatMap((group) => {
    const unused = group.filter(({ local }) => !module.uses(local));
    const [first] = group;
    if (first === undefined || unused.length === 0) return [];
    if (unused.length === group.length) {
      return [{ ...first.statement, text: "" }];
    }
    return unused.filter(({ start, end, statement }) =>
      start !== statement.start || end !== statement.end
    )
      .map(({ start, end }) => ({
        start,
        end: text[end] === "," ? end + 1 : end,
        text: "",
      }));
  });
}

/** Puts blanks where something was, line breaks kept. An edit within another one is part of it. */
function edited(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (
    const edit of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)
  ) {
    if (edit.start < at) continue;
    pieces.push(
      text.slice(at, edit.start),
      filled(edit.text, text.slice(edit.start, edit.end)),
    );
    at = edit.end;
  }
  return pieces.join("") + text.slice(at);
}

function filled(replacement: string, replaced: string): string {
  return replacement +
    replaced.slice(replacement.length).replace(/[^\n]/g, " ");
}
