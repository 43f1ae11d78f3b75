/**
 * What a translation puts in the place of `%(name)s`.
 *
 * @category Text and languages
 */
export type PlaceholderValues = Readonly<Record<string, string | number | bigint>>;

/**
 * Puts values into a text with Python's named placeholders: `%(name)s`, `%(count)d`, and `%%` for a
 * percent sign. A placeholder without a value stays as it is.
 *
 * @param text The text.
 * @param values The values by their names.
 */
export function fillIn(text: string, values: PlaceholderValues): string {
  return text.replace(/%%|%\(([^()]*)\)[sd]/g, (placeholder, name?: string) => {
    if (name === undefined) return "%";
    return Object.hasOwn(values, name) ? String(values[name]) : placeholder;
  });
}
