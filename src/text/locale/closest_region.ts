import { languageTag } from "./language_tag.ts";

/**
 * Finds the locale of the same language and script, whatever its region.
 *
 * Of several the usual region of the language goes first; for a visitor from elsewhere, one that
 * spans a continent (`es_419`, `es_LA`).
 *
 * @param code What was asked for, such as `es_MX`.
 * @param candidates The codes to choose from.
 */
export function closestRegion(code: string, candidates: readonly string[]): string | undefined {
  const wanted = likely(code);
  if (wanted === undefined) return undefined;
  const usual = likely(wanted.language)?.region;
  const same = candidates.filter((each) => {
    const { language, script } = likely(each) ?? {};
    return language === wanted.language && script === wanted.script;
  });
  const ofRegion = (test: (region: string) => boolean) =>
    same.find((each) => test(likely(each)?.region ?? ""));
  const spanning = wanted.region === usual ? undefined : ofRegion((region) => /^\d/.test(region));
  return spanning ?? ofRegion((region) => region === usual) ?? same[0];
}

/** A code with what is most likely where it says nothing; `undefined` for what is no code. */
function likely(code: string): Intl.Locale | undefined {
  const tag = languageTag(code);
  return tag === "und" ? undefined : new Intl.Locale(tag).maximize();
}
