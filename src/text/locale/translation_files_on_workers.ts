/** What stands in the place of `translation_files.ts` in the package, for Workers, which have no files. */
import { UnsupportedFeatureError } from "../../platform/unsupported_feature_error.ts";
export { addGettextTranslations, addTranslations } from "./translation_files.ts";

/** See `translation_files.ts`. */
export function loadTranslations(): never {
  return missing();
}

/** See `translation_files.ts`. */
export async function loadGettextTranslations(): Promise<never> {
  return await missing();
}

function missing(): never {
  throw new UnsupportedFeatureError(
    "files of translations",
    "locale.addTranslations() with CSV, or @gustnado/gustnado/build, which makes a bundle with them",
  );
}
