/** The names that a piece of code uses. */
import { type AnyNode, keyName, NAME, NAMES, walk } from "./syntax_tree.ts";

/** Names of variables, functions and imports, and names of members; those of private ones begin with `#`. */
export interface UsedNames {
  readonly bindings: readonly string[];
  readonly members: readonly string[];
  /** The modules that are imported when the code runs. */
  readonly modules: readonly string[];
  /** Classes that something may be an instance of; who only asks that does not need them. */
  readonly tested: readonly string[];
  /** Keys of objects that are written out. */
  readonly keys: readonly string[];
}

/** Nothing. */
export const NO_NAMES: UsedNames = {
  bindings: [],
  members: [],
  modules: [],
  tested: [],
  keys: [],
};

/**
 * The names in code of the library. The key of an object that is written out uses nothing; a text that
 * could be the name of a member may be used as one.
 */
export function namesIn(nodes: readonly AnyNode[]): UsedNames {
  const bindings = new Set<string>();
  const members = new Set<string>();
  const modules = new Set<string>();
  const keys = new WeakSet<AnyNode>();
  const tested = new Set<string>();
  const objectKeys = new Set<string>();
  for (const node of nodes) {
    walk(node, (each) => {
      switch (each.type) {
        case "ObjectExpression":
        case "ObjectPattern":
          for (const property of each.properties) {
            if (property.type !== "Property" || property.computed) continue;
            keys.add(property.key);
            const names = each.type === "ObjectPattern" ? members : objectKeys;
            names.add(keyName(property.key, false) ?? "");
          }
          return;
        case "MemberExpression":
          if (each.computed) return;
          keys.add(each.property);
          members.add(keyName(each.property, false) ?? "");
          return;
        case "MethodDefinition":
        case "PropertyDefinition":
          if (!each.computed) keys.add(each.key);
          return;
        case "Literal":
          if (typeof each.value === "string" && NAME.test(each.value)) {
            members.add(each.value);
          }
          return;
        case "BinaryExpression":
          if (each.operator === "instanceof" && each.right.type === "Identifier") {
            keys.add(each.right);
            tested.add(each.right.name);
          }
          return;
        case "PrivateIdentifier":
          if (!keys.has(each)) members.add(`#${each.name}`);
          return;
        case "ImportExpression":
          if (each.source.type === "Literal") {
            modules.add(String(each.source.value));
          }
          return;
        case "Identifier":
          if (!keys.has(each)) bindings.add(each.name);
          return;
      }
    });
  }
  return {
    bindings: [...bindings],
    members: [...members],
    modules: [...modules],
    tested: [...tested],
    keys: [...objectKeys],
  };
}

/** Every name in code of an application, or in its texts: any of them may be a member's. */
export function allNamesIn(text: string): Iterable<string> {
  return new Set(text.match(NAMES));
}

/** The names in texts that become code. */
export function namesInTexts(nodes: readonly AnyNode[]): string[] {
  const names = new Set<string>();
  const take = (text: string) => {
    for (const [name] of text.matchAll(NAMES)) names.add(name);
  };
  for (const node of nodes) {
    walk(node, (each) => {
      if (each.type === "Literal" && typeof each.value === "string") {
        take(each.value);
      }
      if (each.type === "TemplateElement") take(each.value.cooked ?? "");
    });
  }
  return [...names];
}
