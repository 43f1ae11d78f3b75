/** Whether code can name a member that it does not name: by a name that it puts together while it runs. */
import { type AnyNode, parseModule, walk } from "./syntax_tree.ts";

/** What takes the name of a member as a value, or makes code of a text. */
const REFLECTIVE = /\b(?:Reflect|eval|Function)\b/;

/**
 * Whether a module may reach members by names that are put together while it runs. Where none does, every
 * member that can be reached is named.
 *
 * @param text The module, as JavaScript.
 */
export function computesNames(text: string): boolean {
  if (REFLECTIVE.test(text)) return true;
  if (!text.includes("[")) return false;
  try {
    let found = false;
    walk(parseModule(text), (node) => found ||= isComputed(node));
    return found;
  } catch {
    // What is no module of the language may be anything.
    return true;
  }
}

/** `object[name]`, `const { [name]: value } = object` */
function isComputed(node: AnyNode): boolean {
  if (node.type === "MemberExpression") return node.computed && node.property.type !== "Literal";
  if (node.type !== "ObjectPattern") return false;
  return node.properties.some((each) => each.type === "Property" && each.computed);
}
