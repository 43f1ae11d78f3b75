/** The groups of a path pattern, as a handler gets them. */
import { percentDecode, percentDecodeBytes } from "../http/percent.ts";
import type { Exchange } from "./exchange.ts";
import type { RequestHandler } from "./request_handler.ts";

/**
 * Decodes the groups and hands them to the handler.
 *
 * @throws {HTTPInputError} If a group is not UTF-8, which is answered with 400.
 */
export function decodePathArgs(
  handler: RequestHandler,
  { match: { pathArgs, pathKwargs }, traits }: Exchange,
): void {
  if (pathArgs.length === 0) return;
  const decode = traits.hasDecodeArgument
    ? (text: string, name?: string) => handler.decodeArgument(percentBytes(text), name)
    : percentDecode;
  handler.pathArgs = pathArgs.map((text) => text === undefined ? undefined : decode(text));
  if (pathKwargs === null) return;
  const decoded: Record<string, string | undefined> = Object.create(null);
  for (const name in pathKwargs) {
    const text = pathKwargs[name];
    decoded[name] = text === undefined ? undefined : decode(text, name);
  }
  handler.pathKwargs = decoded;
}

function percentBytes(text: string): Uint8Array {
  return percentDecodeBytes(new TextEncoder().encode(text));
}
