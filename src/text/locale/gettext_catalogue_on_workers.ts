/** What stands in the place of `gettext_catalogue.ts` in the package, for Workers. */
import type { GettextCatalogue } from "./gettext_catalogue.ts";
import { po } from "./gettext_parser_on_workers.ts";

/** See `gettext_catalogue.ts`. The parser needs modules of Node, which Workers have by a flag only. */
export async function parseGettext(file: Uint8Array | string): Promise<GettextCatalogue> {
  return await po.parse(file);
}
