/** Static functions that a runtime may lack, and what a bundler puts in their place. */

import { libraryFile } from "./library.ts";
import type * as functions from "./modern/static_functions.ts";

/** By the name of a function in the language: the one that stands for it. */
export const MODERN_FUNCTIONS: Readonly<
  Record<string, keyof typeof functions>
> = {
  "Promise.withResolvers": "promiseWithResolvers",
  "Promise.try": "promiseTry",
  "RegExp.escape": "regExpEscape",
  "Array.fromAsync": "arrayFromAsync",
  "Map.groupBy": "mapGroupBy",
  "Object.groupBy": "objectGroupBy",
  "Uint8Array.fromBase64": "bytesFromBase64",
  "Uint8Array.fromHex": "bytesFromHex",
  "URL.parse": "urlParse",
};

/** Options of esbuild that replace the functions: `define`, and the module for `inject`. */
export const MODERN_REPLACEMENTS: {
  readonly define: Record<string, string>;
  readonly inject: string[];
} = {
  define: { ...MODERN_FUNCTIONS },
  inject: [libraryFile("build/modern/static_functions.ts")],
};
