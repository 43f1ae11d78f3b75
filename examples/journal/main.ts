/**
 * A journal in English and Arabic: `deno run --allow-net --allow-read examples/journal/main.ts`, then
 * http://localhost:8888.
 *
 * Templates extend and include each other, a UI module shows an entry with its style, and the
 * language is the browser's, or that of the links at the foot of the page.
 */
import { journalApplication } from "./journal_application.ts";

if (import.meta.main) {
  await journalApplication().listen(8888, {
    onListen: (addr) => console.log(`The journal is on http://localhost:${addr.port}`),
  }).finished;
}
