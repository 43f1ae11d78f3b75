/** The groups of a path, as a handler gets them. */
import { atOnce } from "../../concurrent/coroutine/at_once.ts";
import { percentDecode, percentDecodeBytes } from "../../http/target/percent.ts";
import type { RequestHandler } from "../request_handler.ts";

type Group = string | undefined;

/**
 * Decodes a group.
 *
 * @param handler Whose `decodeArgument` does it; `null` for the default one.
 * @throws {HTTPInputError} If it is not UTF-8, which is answered with 400.
 */
function decodeGroup(group: Group, handler: RequestHandler | null, name?: string): Group {
  if (group === undefined) return undefined;
  if (handler === null) return percentDecode(group, name);
  return decodeText(handler, percentDecodeBytes(new TextEncoder().encode(group)), name);
}

/** Decodes bytes as the handler does it. */
export function decodeText(handler: RequestHandler, value: Uint8Array, name?: string): string {
  const text = handler.decodeArgument(value, name);
  return atOnce(text, "decodeArgument()", "it must not be async; decode in an async prepare()");
}

/** Decodes the groups in order; see {@linkcode decodeGroup}. */
export function decodePathArgs(
  groups: readonly Group[],
  handler: RequestHandler | null,
): readonly Group[] {
  return groups.map((group) => decodeGroup(group, handler));
}

/** Decodes the named groups; see {@linkcode decodeGroup}. */
export function decodePathKwargs(
  groups: Readonly<Record<string, Group>> | null,
  handler: RequestHandler | null,
): Readonly<Record<string, Group>> {
  const decoded: Record<string, Group> = Object.create(null);
  for (const name in groups) decoded[name] = decodeGroup(groups[name], handler, name);
  return decoded;
}
