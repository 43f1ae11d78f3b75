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
  /** Members that are set, to what: the text of a constant, or `null` for anything. */
  readonly writes: readonly Write[];
}

/** That a member is set: its name, and the text of a constant or `null` for anything. */
export type Write = readonly [name: string, constant: string | null];

/** Nothing. */
export const NO_NAMES: UsedNames = {
  bindings: [],
  members: [],
  modules: [],
  tested: [],
  keys: [],
  writes: [],
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
  const writes: Write[] = [];
  const tested = new Set<string>();
  const objectKeys = new Set<string>();
  for (const node of nodes) {
    walk(node, (each) => {
      writes.push(...writesOf(each));
      switch (each.type) {
        case "ObjectExpression":
        case "ObjectPattern":
          for (const property of each.properties) {
            if (each.type === "ObjectExpression") {
              const written = keyWrites(property);
              writes.push(...written);
              for (const [name] of written) objectKeys.add(name);
            }
            if (property.type !== "Property" || property.computed) continue;
            keys.add(property.key);
            if (each.type === "ObjectPattern") {
              members.add(keyName(property.key, false) ?? "");
            }
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
    writes,
    tested: [...tested],
    keys: [...objectKeys],
  };
}

function writesOf(node: AnyNode): Write[] {
  switch (node.type) {
    case "AssignmentExpression":
      return writesTo(
        node.left,
        node.operator === "=" ? constantOf(node.right) : null,
      );
    case "UpdateExpression":
      return writesTo(node.argument, null);
    case "ArrayPattern":
      return node.elements.flatMap((each) => each === null ? [] : writesTo(each, null));
    case "Property":
      return writesTo(node.value, null);
    case "PropertyDefinition":
      return named(
        node.key,
        node.computed,
        node.value ? constantOf(node.value) : "void 0",
      );
    case "Literal":
      return typeof node.value === "string" && NAME.test(node.value) ? [[node.value, null]] : [];
    default:
      return [];
  }
}

/** What stands in an object that is written out. */
function keyWrites(property: AnyNode): Write[] {
  return property.type === "Property" ? named(property.key, property.computed, null) : [];
}

function writesTo(target: AnyNode, constant: string | null): Write[] {
  if (target.type === "AssignmentPattern" || target.type === "RestElement") {
    return writesTo(
      target.type === "RestElement" ? target.argument : target.left,
      null,
    );
  }
  return target.type === "MemberExpression"
    ? named(target.property, target.computed, constant)
    : [];
}

function named(
  key: AnyNode,
  computed: boolean,
  constant: string | null,
): Write[] {
  const name = keyName(key, computed);
  return name === null ? [] : [[name, constant]];
}

/** A constant as it is written; `null` for what is none. */
export function constantOf(node: AnyNode): string | null {
  if (node.type === "Literal") {
    return node.value === null || typeof node.value === "boolean" ? String(node.value) : null;
  }
  if (node.type !== "UnaryExpression") return null;
  if (node.operator === "void") return "void 0";
  const { argument } = node;
  const isBoolean = node.operator === "!" && argument.type === "Literal" &&
    typeof argument.value === "number";
  return isBoolean ? String(!argument.value) : null;
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
