/**
 * What modules of this tree import, with others in the place of some.
 *
 * @module
 */
import config from "../../../deno.json" with { type: "json" };

/** The URL of this tree. */
export const ROOT: string = new URL("../../../", import.meta.url).href;

/**
 * A `deno.json` for modules of this tree, which stands elsewhere.
 *
 * @param replaced By the path of a module: the path of the one in its place, which has itself the plain one.
 */
export function mappedImports(replaced: Readonly<Record<string, string>>): string {
  const doors = Object.entries(config.exports)
    .map(([door, path]) => [config.name + door.slice(1), ROOT + path.slice(2)]);
  const urls = Object.entries(replaced).map(([path, other]) => [ROOT + path, ROOT + other]);
  const plain = Object.fromEntries(urls.map(([url]) => [url, url]));
  return JSON.stringify({
    imports: { ...config.imports, ...Object.fromEntries([...doors, ...urls]) },
    scopes: Object.fromEntries(urls.map(([, other]) => [other, plain])),
  });
}
