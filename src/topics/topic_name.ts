/** What may be the name of a topic, or of somebody in it, that leaves the process. */
import { byteLength } from "../http/body/chunk.ts";
import { excerpt } from "../http/excerpt.ts";
import { shown } from "../checks/shown.ts";

/** Bytes that a name may have. */
const MOST_BYTES = 256;

/**
 * Checks the name of a topic: engines have it as a key, or as a part of one.
 *
 * @throws {TypeError} If it is no string, or has half of a surrogate pair, which is no UTF-8.
 * @throws {RangeError} If it does not have 1 to 256 bytes.
 */
export function checkTopic(topic: unknown): asserts topic is string {
  checkName(topic, "a topic");
}

/**
 * Checks the `id` of a member, as {@linkcode checkTopic} does with a topic.
 *
 * @throws {TypeError} If it is no string, or not well-formed.
 * @throws {RangeError} If it does not have 1 to 256 bytes.
 */
export function checkMemberId(id: unknown): asserts id is string {
  checkName(id, "the id of a member");
}

function checkName(name: unknown, what: string): void {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot use ${shown(name)} as ${what}: it must be a string`);
  }
  if (!name.isWellFormed()) {
    throw new TypeError(`Cannot use ${excerpt(name)} as ${what}: it is not well-formed Unicode`);
  }
  // A character has three bytes at most.
  if (name !== "" && name.length * 3 <= MOST_BYTES) return;
  const bytes = byteLength(name);
  if (bytes >= 1 && bytes <= MOST_BYTES) return;
  throw new RangeError(
    `Cannot use ${
      excerpt(name)
    } as ${what}: it has ${bytes} bytes, and may have 1 to ${MOST_BYTES}`,
  );
}
