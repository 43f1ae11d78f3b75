/** What stands in the place of `template.compile` where there is no compiler. */

/** @throws {Error} Always. */
export function compile(): never {
  throw new Error(
    "Cannot compile a template: the bundle has no compiler; call template.compile when the " +
      "application is built",
  );
}
