/** The header field `Forwarded` (RFC 7239). */
import { trimWhitespace } from "./field.ts";

/** What one proxy says: an element of the list. */
export interface ForwardedElement {
  /** Who made the request to the proxy: a node with or without a port; `null` where it is not said. */
  readonly for: string | null;
  /** The protocol of that request; `null` where it is not said. */
  readonly proto: string | null;
  /** Where the element begins in the field. */
  readonly start: number;
}

const PAIR = /^([!#$%&'*+\-.^_`|~\w]+)=(?:([!#$%&'*+\-.^_`|~\w]+)|"((?:[^"\\]|\\.)*)")$/;

/**
 * Reads the last element of a `Forwarded` field, in linear time.
 *
 * It is looked for from the right: whatever a client has sent stands further left, and no quote that
 * it left open can swallow what a proxy has added.
 *
 * @param field The value of the field.
 * @param end Where to stop: the length of the field, or the place of a comma in it.
 * @returns The element; if it is malformed (§4), `for` and `proto` are `null`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const field = 'for="_gazonk", for="[2001:db8::17]:4711";proto=https';
 * const element = lastForwarded(field, field.length);
 * assertEquals([element.for, element.proto], ["[2001:db8::17]:4711", "https"]);
 * ```
 */
export function lastForwarded(field: string, end: number): ForwardedElement {
  const pairs = new Map<string, string>();
  for (let stop = end;;) {
    const start = partStart(field, stop);
    const text = trimWhitespace(field.slice(start, stop));
    const first = start === 0 || field[start - 1] === ",";
    if (text !== "" && !addPair(pairs, text)) return malformed(field, start);
    if (!first) {
      stop = start - 1;
      continue;
    }
    return { for: pairs.get("for") ?? null, proto: pairs.get("proto") ?? null, start };
  }
}

/** Where the part that ends at `end` begins: behind a comma or a semicolon that is not quoted. */
function partStart(field: string, end: number): number {
  let quoted = false;
  for (let index = end - 1; index >= 0; index--) {
    const character = field[index];
    if (character === '"' && !isEscaped(field, index)) quoted = !quoted;
    else if (!quoted && (character === "," || character === ";")) return index + 1;
  }
  return 0;
}

/** Backslashes only stand in quoted strings, where an odd number of them escapes what follows. */
function isEscaped(field: string, index: number): boolean {
  let slashes = 0;
  while (field[index - 1 - slashes] === "\\") slashes++;
  return slashes % 2 === 1;
}

/** A parameter may stand in an element once only. */
function addPair(pairs: Map<string, string>, text: string): boolean {
  const [, name, token, quoted] = PAIR.exec(text) ?? [];
  const key = name?.toLowerCase();
  if (key === undefined || pairs.has(key)) return false;
  pairs.set(key, token ?? quoted?.replace(/\\(.)/g, "$1") ?? "");
  return true;
}

function malformed(field: string, from: number): ForwardedElement {
  let start = from;
  while (start > 0 && field[start - 1] !== ",") start = partStart(field, start - 1);
  return { for: null, proto: null, start };
}

const PORT = /^(?:\d{1,5}|_[\w.-]+)$/;

/**
 * Takes the port off an address as proxies write it: `4.4.4.4:4711`, `[2001:db8::1]:4711`, and the
 * node of RFC 7239 §6, whose port may be an obfuscated name. IPv6 without brackets has no port.
 *
 * @returns The address, which is not checked; anything of another form comes back as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(addressOfNode("4.4.4.4:4711"), "4.4.4.4");
 * assertEquals(addressOfNode("[2001:db8::1]:4711"), "2001:db8::1");
 * assertEquals(addressOfNode("2001:db8::1"), "2001:db8::1");
 * ```
 */
export function addressOfNode(node: string): string {
  if (node.startsWith("[")) return inBrackets(node) ?? node;
  const colon = node.indexOf(":");
  if (colon === -1 || colon !== node.lastIndexOf(":")) return node;
  return PORT.test(node.slice(colon + 1)) ? node.slice(0, colon) : node;
}

/** Only IPv6 stands in brackets. */
function inBrackets(node: string): string | null {
  const close = node.indexOf("]");
  const address = node.slice(1, close);
  if (close === -1 || !address.includes(":")) return null;
  const rest = node.slice(close + 1);
  return rest === "" || rest.startsWith(":") && PORT.test(rest.slice(1)) ? address : null;
}
