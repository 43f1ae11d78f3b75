/** How a project may be called. */
import { shown } from "../checks/shown.ts";

const LONGEST = 64;

/**
 * Checks a name: it becomes one of an image, of a service and of a file.
 *
 * @throws {TypeError} If it cannot be one.
 */
export function checkName(name: string): void {
  if (name.length <= LONGEST && /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) return;
  throw new TypeError(
    `Cannot call a project ${shown(name)}: a name has small letters, digits and single hyphens, ` +
      `begins with a letter and has at most ${LONGEST} characters${likeness(name)}`,
  );
}

/** A name that would do, if one is near. */
function likeness(name: string): string {
  const words = name.toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== "");
  const near = words.join("-").replace(/^[^a-z]+/, "").slice(0, LONGEST).replace(/-$/, "");
  return near === "" ? "" : `; "${near}" would do`;
}
