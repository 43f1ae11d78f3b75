/** The names of classes, as messages show them. */

/**
 * A class that names itself becomes `let Name = class _Name`, and messages would show the dash: takes it
 * away. A space stands in its place, so that source maps hold.
 */
export function withClassNames(text: string): string {
  const renamed = [...text.matchAll(/\b([\w$]+) = class _\1\b/g)].map((
    [, name],
  ) => `_${name}`);
  if (renamed.length === 0) return text;
  const names = new Set(renamed);
  return text.replace(
    /(?<![\w$.#])_[\w$]+/g,
    (name) => names.has(name) ? ` ${name.slice(1)}` : name,
  );
}
