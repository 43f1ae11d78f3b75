/** What every contender sends, byte for byte. */

/** The body of the fixed, parametrised and async rows. */
export const HELLO = "Hello, world";
/** The content type that Tornado gives text. */
export const HTML = "text/html; charset=UTF-8";
/** A body worth an entity tag: 4 KiB. */
export const PAGE: string = "The quick brown fox jumps over the lazy dog. ".repeat(100).slice(
  0,
  4096,
);
/** What is posted as JSON. */
export const JSON_BODY = '{"name":"gustnado","speed":105,"tags":["wind","edge"]}';
/** What is posted as a form. */
export const FORM_BODY = "name=gustnado&speed=105&tag=wind&tag=edge";
/** What signed cookies are signed with. */
export const COOKIE_SECRET = "61oETzKXQAGaYdkL5gEmGeJJFuYh7EQnp2XdTP1o";
/** The value of the signed cookie. */
export const USER = "ada@example.com";
/** How many routes the row of parametrised routes has; the last one is asked for. */
export const ROUTES = 100;

/** The title of the page of 10 rows. */
export const TITLE = "Products & prices";

/** A row of it. */
export interface Product {
  readonly id: number;
  readonly name: string;
  readonly price: string;
}

/** Its rows; some need escaping. */
export const PRODUCTS: readonly Product[] = Array.from({ length: 10 }, (_, id) => ({
  id,
  name: id % 3 === 0 ? `Nuts & <bolts> ${id}` : `A plain product ${id}`,
  price: `${id}.99`,
}));

/** The page as a template. */
export const PRODUCTS_TEMPLATE = `<!DOCTYPE html>
<html><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1><table>
{% for row in rows %}<tr id="row-{{ row.id }}"><td>{{ row.name }}</td><td>{{ row.price }}</td></tr>
{% end %}</table></body></html>
`;

/** The static files, by name; made anew for each run. */
export const FILES: Readonly<Record<string, number>> = {
  "4k.txt": 4 * 1024,
  "64k.txt": 64 * 1024,
  "1m.bin": 1024 * 1024,
};

/** Writes the static files into a new directory. */
export async function writeFiles(): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "bench-" });
  for (const [name, size] of Object.entries(FILES)) {
    await Deno.writeFile(`${root}/${name}`, new Uint8Array(size).fill(0x61));
  }
  return root;
}
