/**
 * What stands in the place of gettext-parser in the package, for Workers, and wherever a bundler finds no
 * modules of Node, which it is made of.
 *
 * @module
 */
import { UnsupportedFeatureError } from "../../platform/unsupported_feature_error.ts";

/** Reads no `.mo` file. */
export const mo: Parser = { parse: missing };

/** Reads no `.po` file. */
export const po: Parser = { parse: missing };

interface Parser {
  parse(file: unknown): never;
}

function missing(): never {
  throw new UnsupportedFeatureError(
    "gettext catalogues",
    "locale.addTranslations() with CSV, or @gustnado/gustnado/build, which makes a bundle with them",
  );
}
