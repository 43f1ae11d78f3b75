import { assertEquals, assertMatch } from "@std/assert";
import { BuiltApplication } from "../support/built.ts";

const APP = `import { Application, locale, RequestHandler } from "@gustnado/gustnado";
LOAD
class Home extends RequestHandler {
  override get() {
    this.write(locale.getSupportedLocales().join() + " " + this.locale.translate("Sign in"));
  }
}
export default new Application([["/", Home]]);
`;

const FILES = {
  "texts/fr.csv": '"Sign in","Entrez"\n',
  // What is not UTF-8 comes along as it is.
  "texts/es_LA.csv": new Uint8Array([0xff, 0xfe, ...utf16('"Sign in","Iniciar sesión"\n')]),
  "texts/README.md": "Not a catalogue",
  "gettext/fr/LC_MESSAGES/shop.po": 'msgid "Sign in"\nmsgstr "Connexion"\n',
  "gettext/README.md": "Not a catalogue",
};

const EXPECTED = [
  ["locale.loadTranslations(import.meta.dirname + '/texts');", "en_US,es_LA,fr Entrez"],
  ["locale.loadTranslations('texts/');", "en_US,es_LA,fr Entrez"],
  ["await locale.loadGettextTranslations('./gettext', 'shop');", "en_US,fr Connexion"],
  [`locale.addTranslations("fr", '"Sign in","Entrez"');`, "en_US,fr Entrez"],
] as const;

for (const target of ["workers", "deno"] as const) {
  Deno.test(`translations come along in a bundle for ${target}`, async () => {
    for (const [load, expected] of EXPECTED) {
      const text = APP.replace("LOAD", load);
      await using application = await BuiltApplication.write({ "app.ts": text, ...FILES });
      await application.build({ target });
      for (const folder of ["texts", "gettext"]) {
        await Deno.remove(`${application.folder}/${folder}`, { recursive: true });
      }
      const answer = await application.get("/", { headers: { "Accept-Language": "fr" } });
      assertEquals(answer.text, expected, load);
    }
  });
}

Deno.test("translations that change are in the next bundle", async () => {
  const [[load]] = EXPECTED;
  await using application = await BuiltApplication.write({
    "app.ts": APP.replace("LOAD", load),
    ...FILES,
  });
  await application.build();
  await application.put("texts/fr.csv", '"Sign in","Bonjour"\n');
  await application.build();
  const headers = { "Accept-Language": "fr" };
  assertMatch((await application.get("/", { headers })).text, / Bonjour$/);
});

function utf16(text: string): Uint8Array {
  return new Uint8Array(Uint16Array.from(text, (character) => character.charCodeAt(0)).buffer);
}
