import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import FakeTimers from "@sinonjs/fake-timers";
import { mo, po } from "gettext-parser";
import * as locale from "../../src/text/locale/mod.ts";
import { parseCsv } from "../../src/text/locale/csv.ts";
import { fillIn } from "../../src/text/locale/locale.ts";
import { parsePluralForms } from "../../src/text/locale/plural_forms.ts";
import { assertLinear } from "../support/linear.ts";

const PO = `msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "school"
msgstr "école"

msgctxt "law"
msgid "right"
msgstr "le droit"

msgctxt "good"
msgid "right"
msgstr "le bien"

msgctxt "organization"
msgid "club"
msgid_plural "clubs"
msgstr[0] "le club"
msgstr[1] "les clubs"

msgctxt "stick"
msgid "club"
msgid_plural "clubs"
msgstr[0] "le bâton"
msgstr[1] "les bâtons"

msgid "house"
msgstr ""

#, fuzzy
msgid "car"
msgstr "charrette"
`;

/** Runs with files in a directory, and with no translations before and after. */
async function withFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  test: (directory: string) => void | Promise<void>,
): Promise<void> {
  const directory = Deno.makeTempDirSync();
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = `${directory}/${name}`;
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      if (typeof content === "string") Deno.writeTextFileSync(path, content);
      else Deno.writeFileSync(path, content);
    }
    await test(directory);
  } finally {
    locale.clearTranslations();
    locale.setDefaultLocale("en_US");
    Deno.removeSync(directory, { recursive: true });
  }
}

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(2 * text.length + 2));
  bytes.setUint16(0, 0xfeff, littleEndian);
  for (let i = 0; i < text.length; i++) {
    bytes.setUint16(2 * i + 2, text.charCodeAt(i), littleEndian);
  }
  return new Uint8Array(bytes.buffer);
}

// ---- catalogues

Deno.test("CSV translations are read, in UTF-8 and by their byte order mark", async () => {
  const csv = "school,école\n";
  const files = [csv, `\ufeff${csv}`, utf16(csv, true), utf16(csv, false)];
  for (const file of files) {
    await withFiles({ "fr_FR.csv": file }, (directory) => {
      locale.loadTranslations(directory);
      assertEquals(locale.get("fr_FR").translate("school"), "école");
    });
  }
  const latin = new Uint8Array([...csv].map((char) => char.charCodeAt(0)));
  await withFiles({ "fr_FR.csv": latin }, (directory) => {
    locale.loadTranslations(directory, { encoding: "latin1" });
    assertEquals(locale.get("fr_FR").translate("school"), "école");
  });
});

Deno.test("each CSV file has its own encoding", async () => {
  await withFiles({ "a_A.csv": "", "de.csv": utf16("a,ä", true), "fr.csv": "a,é" }, (directory) => {
    locale.loadTranslations(directory);
    assertEquals(locale.get("de").translate("a"), "ä");
    assertEquals(locale.get("fr").translate("a"), "é");
  });
});

Deno.test("CSV translations have a singular and a plural", async () => {
  const csv = `"I love you","Te amo"
"%(name)s liked this","A %(name)s les gustó esto","plural"
"%(name)s liked this","A %(name)s le gustó esto","singular"
"A person liked this","A una persona le gustó","singular"
"%(num)d people liked this","A %(num)d personas les gustó","plural"
`;
  await withFiles({ "es_LA.csv": csv }, (directory) => {
    locale.loadTranslations(directory);
    const spanish = locale.get("es_LA");
    assertEquals(spanish.name, "Español (Latinoamérica)");
    assertEquals(spanish.translate("I love you"), "Te amo");
    assertEquals(spanish.translate("unknown %(x)s"), "unknown %(x)s");
    const liked = (num: number) =>
      spanish.translate("A person liked this", "%(num)d people liked this", num, { num });
    assertEquals([liked(1), liked(2)], ["A una persona le gustó", "A 2 personas les gustó"]);
    const same = "%(name)s liked this";
    assertEquals(spanish.translate(same, same, 1, { name: "Ann" }), "A Ann le gustó esto");
    assertEquals(spanish.translate(same, same, 2, { name: "X, Y" }), "A X, Y les gustó esto");
  });
});

Deno.test("CSV translations know the plural categories of Unicode, and contexts", async () => {
  const csv = `file,plik,one
file,%(n)d pliki,few
file,%(n)d plików,many
right,prawo,,law
right,w prawo,,direction
`;
  await withFiles({ "pl.csv": csv }, (directory) => {
    locale.loadTranslations(directory);
    const polish = locale.get("pl");
    const files = [1, 2, 5, 22].map((n) => polish.translate("file", "%(n)d files", n, { n }));
    assertEquals(files, ["plik", "2 pliki", "5 plików", "22 pliki"]);
    assertEquals(polish.pgettext("law", "right"), "prawo");
    assertEquals(polish.pgettext("direction", "right"), "w prawo");
    assertEquals(polish.pgettext("other", "right"), "right");
  });
});

Deno.test("files with strange names and rows with strange forms are left out", async () => {
  const csv = "a,A\nb\nc,C,dual\n\nd,D,\n";
  await withFiles(
    { "Klingon.csv": csv, "fr.csv": csv, "fr.txt": csv, "..csv": csv },
    (directory) => {
      locale.loadTranslations(directory);
      assertEquals(locale.getSupportedLocales(), ["en_US", "fr"]);
      const texts = ["a", "b", "c", "d"].map((text) => locale.get("fr").translate(text));
      assertEquals(texts, ["A", "b", "c", "D"]);
    },
  );
});

Deno.test("gettext translations are read from .mo and .po files", async () => {
  const compiled = new Uint8Array(mo.compile(po.parse(PO)));
  const trees = [
    { "fr_FR/LC_MESSAGES/test.mo": compiled },
    { "fr_FR/LC_MESSAGES/test.po": PO },
  ];
  for (const files of trees) {
    await withFiles({ ...files, "README": "not a locale" }, async (directory) => {
      await locale.loadGettextTranslations(directory, "test");
      assertEquals(locale.getSupportedLocales(), ["en_US", "fr_FR"]);
      const french = locale.get("fr_FR");
      assertEquals(french.translate("school"), "école");
      assertEquals(french.pgettext("law", "right"), "le droit");
      assertEquals(french.pgettext("good", "right"), "le bien");
      assertEquals(french.pgettext("organization", "club", "clubs", 1), "le club");
      assertEquals(french.pgettext("organization", "club", "clubs", 2), "les clubs");
      assertEquals(french.pgettext("stick", "club", "clubs", 1), "le bâton");
      assertEquals(french.pgettext("stick", "club", "clubs", 2), "les bâtons");
      assertEquals(french.pgettext("stick", "club", "clubs", 0), "le bâton");
      assertEquals(french.translate("house"), "house");
      assertEquals(french.translate("nothing", "nothings", 2), "nothings");
    });
  }
});

Deno.test("a doubtful gettext translation is not used", async () => {
  await withFiles({}, async () => {
    await locale.addGettextTranslations("fr", PO);
    assertEquals(locale.get("fr").translate("car"), "car");
  });
});

Deno.test("a broken gettext file is left out when it is loaded, and refused when it is added", async () => {
  const broken = new Uint8Array(30).fill(7);
  const badRule = PO.replace("(n > 1)", "alert(n)");
  await withFiles(
    { "fr/LC_MESSAGES/t.mo": broken, "de/LC_MESSAGES/t.po": PO },
    async (directory) => {
      await locale.loadGettextTranslations(directory, "t");
      assertEquals(locale.getSupportedLocales(), ["de", "en_US"]);
    },
  );
  for (const file of [broken, badRule, new Uint8Array()]) {
    await assertRejects(() => locale.addGettextTranslations("fr", file), SyntaxError);
  }
});

Deno.test("translations can be added without files", async () => {
  await withFiles({}, () => {
    locale.addTranslations("fr", "yes,oui");
    locale.addTranslations("pt-br", "yes,sim");
    assertEquals(locale.getSupportedLocales(), ["en_US", "fr", "pt_BR"]);
    assertEquals(locale.get("fr-CA").translate("yes"), "oui");
    assertEquals(locale.get("pt_BR").translate("yes"), "sim");
  });
});

Deno.test("a missing directory is an error", async () => {
  assertThrows(() => locale.loadTranslations("/no/such"), Error, `no directory "/no/such"`);
  await assertRejects(() => locale.loadGettextTranslations("/no/such", "x"), Error, "no directory");
});

Deno.test("a plural without a count is refused", () => {
  // @ts-expect-error -- the types refuse it as well
  assertThrows(() => locale.get("en_US").translate("a", "b"), TypeError, "a plural needs a count");
});

// ---- choosing a locale

Deno.test("the closest supported locale is chosen, in the order of the codes", async () => {
  await withFiles({}, () => {
    for (const code of ["es", "pt_BR", "zh_Hant", "en_GB"]) locale.addTranslations(code, "a,b");
    const vectors: [string[], string][] = [
      [["es_GT"], "es"],
      [["es-419"], "es"],
      [["pt-br"], "pt_BR"],
      [["PT_br"], "pt_BR"],
      [["pt"], "pt_BR"],
      [["zh-Hant-TW"], "zh_Hant"],
      [["fr", "es"], "es"],
      [["xx-invalid-code", "", "en-GB"], "en_GB"],
      [["en-US"], "en_US"],
      [[], "en_US"],
      [["__proto__", "constructor"], "en_US"],
    ];
    for (const [codes, expected] of vectors) {
      assertEquals(locale.get(...codes).code, expected, codes.join());
    }
    locale.setDefaultLocale("de");
    assertEquals(locale.get("fr").code, "de");
    assertEquals(locale.get("es"), locale.get("es-MX"));
  });
});

const REGIONS: [supported: string[], codes: string[], expected: string][] = [
  [["de_DE"], ["de"], "de_DE"],
  [["de_DE"], ["de-AT"], "de_DE"],
  [["de_AT", "de_DE"], ["de"], "de_DE"],
  [["de_AT", "de_CH"], ["de-DE"], "de_AT"],
  [["de_DE", "fr"], ["de", "fr"], "de_DE"],
  [["de_DE", "fr"], ["it", "fr"], "fr"],
  [["es_LA"], ["es"], "es_LA"],
  [["es_LA"], ["es-MX"], "es_LA"],
  [["es_ES", "es_LA"], ["es"], "es_ES"],
  [["es_ES", "es_LA"], ["es-MX"], "es_LA"],
  [["es_AR", "es_LA"], ["es-ES"], "es_AR"],
  [["zh_CN"], ["zh"], "zh_CN"],
  [["zh_CN"], ["zh-TW"], "en_US"],
  [["zh_CN", "zh_TW"], ["zh-Hant"], "zh_TW"],
  [["sr_Latn"], ["sr"], "en_US"],
  [["de"], ["en-GB", "de"], "en_US"],
  [["de"], [`de${"-x".repeat(5000)}`], "de"],
  [["de_DE"], ["", "*", "x-y", "toolonglanguage"], "en_US"],
];

for (const [supported, codes, expected] of REGIONS) {
  Deno.test(`of ${supported} a visitor who reads ${codes} gets ${expected}`, async () => {
    await withFiles({}, () => {
      for (const code of supported) locale.addTranslations(code, "a,b");
      assertEquals(locale.get(...codes).code, expected);
      assertEquals(locale.get(...codes).code, expected);
    });
  });
}

Deno.test("what was found for a code is forgotten with the translations", async () => {
  await withFiles({}, () => {
    assertEquals(locale.get("de-AT").code, "en_US");
    locale.addTranslations("de_DE", "a,b");
    assertEquals(locale.get("de-AT").code, "de_DE");
    locale.setDefaultLocale("de_AT");
    assertEquals(locale.get("de").code, "de_DE");
    locale.clearTranslations();
    assertEquals(locale.get("de").code, "de_AT");
  });
});

Deno.test("language that Intl does not know is written the same on every machine", () => {
  const klingon = new locale.Locale("tlh");
  assertEquals(Intl.DateTimeFormat.supportedLocalesOf("tlh"), []);
  const date = Date.UTC(2013, 3, 28, 18, 35);
  assertEquals(klingon.formatDate(date, { fullFormat: true }), "28 April 2013 at 18:35");
  assertEquals(klingon.friendlyNumber(1234.5), "1,234.5");
  assertEquals(klingon.list(["a", "b", "c"]), "a, b and c");
  assertEquals([klingon.tag, klingon.name], ["tlh", "Tlh"]);
});

Deno.test("Accept-Language gives the languages by their weight", () => {
  const vectors: [string, string[]][] = [
    ["fr-FR;q=0.9", ["fr-FR"]],
    ["fr-FR; q=0.9", ["fr-FR"]],
    ["fr-FR;q=0", []],
    ["fr-FR;q=-1", []],
    ["fr;q=x, de", ["de"]],
    ["en, fr;q=0.8, de;q=0.9, it", ["en", "it", "de", "fr"]],
    ["*", []],
    ["da, *;q=0.5, en-gb;q=0.8", ["da", "en-gb"]],
    ["", []],
    [",,;q=1,", []],
    ["en;q=1.5, fr;q=1.000", ["fr"]],
    ["../../etc, en", ["en"]],
  ];
  for (const [header, expected] of vectors) {
    assertEquals(locale.acceptedLanguages(header), expected, header);
  }
  assertEquals(locale.acceptedLanguages("en,".repeat(10_000)).length, 50);
  assertLinear((n) => locale.acceptedLanguages(`en${";q=1".repeat(n)}`), { n: 10_000 });
});

Deno.test("any header and any code give a locale", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    assert(locale.get(...locale.acceptedLanguages(text), text).code !== "");
    const strange = new locale.Locale(text);
    assert(strange.dir === "ltr" || strange.dir === "rtl");
    assert(strange.name !== "" && strange.formatDate(0) !== "");
  }));
});

Deno.test("a locale knows its name and its direction", () => {
  const names = ["en_US", "pt_BR", "de", "es_LA", "ar", "he_IL", "fa", "zh_CN"].map((code) => {
    const { name, dir } = new locale.Locale(code);
    return `${name} ${dir}`;
  });
  assertEquals(names, [
    "English (United States) ltr",
    "Português (Brasil) ltr",
    "Deutsch ltr",
    "Español (Latinoamérica) ltr",
    "العربية rtl",
    "עברית (ישראל) rtl",
    "فارسی rtl",
    "中文（中国） ltr",
  ]);
  const directions = ["ur", "yi", "ps", "dv", "az_Arab", "az", "uz_Latn", "ks"].map((code) =>
    new locale.Locale(code).rtl
  );
  assertEquals(directions, [true, true, true, true, true, false, false, true]);
});

// ---- dates, lists, numbers

const ENGLISH = new locale.Locale("en_US");

Deno.test("a date in English is written as Tornado writes it", () => {
  const clock = FakeTimers.install({ now: Date.UTC(2024, 4, 15, 12, 0), toFake: ["Date"] });
  try {
    const now = Date.now();
    const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
    const date = Date.UTC(2013, 3, 28, 18, 35);
    const full = ENGLISH.formatDate(date, { fullFormat: true });
    assertEquals(full, "April 28, 2013 at 6:35 pm");
    const vectors: [number, locale.DateFormatOptions, string][] = [
      [2 * second, {}, "2 seconds ago"],
      [1 * second, {}, "1 second ago"],
      [0, {}, "0 seconds ago"],
      [49 * second, {}, "49 seconds ago"],
      [50 * second, {}, "1 minute ago"],
      [2 * minute, {}, "2 minutes ago"],
      [50 * minute, {}, "1 hour ago"],
      [2 * hour, {}, "2 hours ago"],
      [2 * hour, { relative: false }, "10:00 am"],
      [day, { shorter: true }, "yesterday"],
      [day, {}, "yesterday at 12:00 pm"],
      [day, { relative: false }, "Tuesday at 12:00 pm"],
      [2 * day, { shorter: true }, "Monday"],
      [2 * day, {}, "Monday at 12:00 pm"],
      [300 * day, { shorter: true }, "July 20"],
      [300 * day, {}, "July 20 at 12:00 pm"],
      [500 * day, { shorter: true }, "January 1, 2023"],
      [-30 * second, {}, "0 seconds ago"],
      [-2 * minute, {}, "May 15, 2024 at 12:02 pm"],
      [2 * hour, { relative: false, gmtOffset: 120 }, "8:00 am"],
      [2 * hour, { relative: false, timeZone: "Asia/Kolkata" }, "3:30 pm"],
      [2 * hour, { relative: false, timeZone: "America/New_York" }, "6:00 am"],
      [2 * hour, { relative: false, timeZone: "UTC" }, "10:00 am"],
    ];
    for (const [age, options, expected] of vectors) {
      assertEquals(ENGLISH.formatDate(now - age, options), expected);
      assertEquals(ENGLISH.formatDate(new Date(now - age), options), expected);
    }
    assertEquals(
      new locale.Locale("en_GB").formatDate(date, { fullFormat: true }),
      "April 28, 2013 at 18:35",
    );
  } finally {
    clock.uninstall();
  }
});

Deno.test("a date in a language without phrases is written by Intl", () => {
  const clock = FakeTimers.install({ now: Date.UTC(2024, 4, 15, 12, 0), toFake: ["Date"] });
  try {
    const french = new locale.Locale("fr");
    const day = 86_400_000;
    const now = Date.now();
    assertEquals(french.formatDate(now - 120_000), "il y a 2 minutes");
    assertEquals(french.formatDate(now - day, { shorter: true }), "hier");
    assertEquals(french.formatDate(now - day), "hier 12:00");
    assertEquals(french.formatDate(now - 2 * day, { shorter: true }), "lundi");
    assertEquals(french.formatDate(now - 500 * day, { shorter: true }), "1 janvier 2023");
    assertEquals(french.formatDay(now), "mercredi 15 mai");
    assertEquals(new locale.Locale("ar").formatDay(now, { dow: false }), "15 مايو");
  } finally {
    clock.uninstall();
  }
});

Deno.test("Tornado's phrases in a catalogue are used before Intl", async () => {
  await withFiles({}, () => {
    locale.addTranslations(
      "eo",
      `1 minute ago,antaŭ minuto,singular
%(minutes)d minutes ago,antaŭ %(minutes)d minutoj,plural
"%(month_name)s %(day)s, %(year)s","la %(day)s-a de %(month_name)s %(year)s"
April,aprilo
%(commas)s and %(last)s,%(commas)s kaj %(last)s
`,
    );
    const esperanto = locale.get("eo");
    assertEquals(esperanto.formatDate(Date.now() - 120_000), "antaŭ 2 minutoj");
    const date = Date.UTC(2013, 3, 28, 18, 35);
    assertEquals(
      esperanto.formatDate(date, { fullFormat: true, shorter: true }),
      "la 28-a de aprilo 2013",
    );
    assertEquals(esperanto.list(["A", "B", "C"]), "A, B kaj C");
  });
});

Deno.test("a day is written with or without the day of the week", () => {
  const date = Date.UTC(2013, 3, 28, 18, 35);
  assertEquals(ENGLISH.formatDay(date), "Sunday, April 28");
  assertEquals(ENGLISH.formatDay(date, { dow: false }), "April 28");
  assertEquals(ENGLISH.formatDay(date, { gmtOffset: -600 }), "Monday, April 29");
});

Deno.test("a list is written with commas and an and", () => {
  assertEquals(ENGLISH.list([]), "");
  assertEquals(ENGLISH.list(["A"]), "A");
  assertEquals(ENGLISH.list(["A", "B"]), "A and B");
  assertEquals(ENGLISH.list(["A", "B", "C"]), "A, B and C");
  assertEquals(new locale.Locale("fr").list(["A", "B", "C"]), "A, B et C");
});

Deno.test("a number is written with the separators of the locale", () => {
  assertEquals(ENGLISH.friendlyNumber(1000000), "1,000,000");
  assertEquals(ENGLISH.friendlyNumber(10n ** 18n), "1,000,000,000,000,000,000");
  assertEquals(new locale.Locale("de").friendlyNumber(1234567.5), "1.234.567,5");
  const euro = new locale.Locale("de").friendlyNumber(5, { style: "currency", currency: "EUR" });
  assertEquals(euro, "5,00\u00a0€");
});

// ---- parsers

Deno.test("CSV cells may be quoted, and hold commas, quotes and line breaks", () => {
  assertEquals(parseCsv('a,"b,""c""\nd"\r\n\r\n"",e,\n'), [["a", 'b,"c"\nd'], ["", "e", ""]]);
  assertEquals(parseCsv("a,"), [["a", ""]]);
  assertEquals(parseCsv('a,\n"b"'), [["a", ""], ["b"]]);
  assertEquals(parseCsv('"unclosed,b\nc'), [['"unclosed', "b"], ["c"]]);
  assertEquals(parseCsv(""), []);
});

Deno.test("CSV gives back any cells, in linear time", () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('"', ",", "\n", '""', "a\r\nb"));
  fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 1 })), (rows) => {
    const quote = (each: string) => `"${each.replaceAll('"', '""')}"`;
    const text = rows.map((row) => row.map(quote).join(",")).join("\n");
    assertEquals(parseCsv(text), rows.filter((row) => row.some((each) => each !== "")));
  }));
  for (const unit of ['"', '""', '",', '"a', ",", " ", '"\n', " \n"]) {
    assertLinear((n) => parseCsv(unit.repeat(n)), { n: 3000 });
  }
});

/** The rules of the gettext manual, from Japanese to Arabic. */
const RULES = [
  "nplurals=1; plural=0;",
  "nplurals=2; plural=n != 1;",
  "nplurals=2; plural=n>1;",
  "nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2;",
  "nplurals=3; plural=n==1 ? 0 : n==2 ? 1 : 2;",
  "nplurals=3; plural=n==1 ? 0 : (n==0 || (n%100 > 0 && n%100 < 20)) ? 1 : 2;",
  "nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && (n%100<10 || n%100>=20) ? 1 : 2;",
  "nplurals=3; plural=n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2;",
  "nplurals=4; plural=n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3;",
  "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;",
  "nplurals=2; plural=!(n==1);",
  "nplurals=9; plural=n*2/3%7+1-1;",
];

Deno.test("plural rules decide as Python's gettext does", async () => {
  const rules = RULES.map((rule) => /plural=(.*);/.exec(rule)?.[1]);
  const script = `import gettext, json, sys
print(json.dumps([[gettext.c2py(rule)(n) for n in range(150)] for rule in json.loads(sys.argv[1])]))`;
  const python = new Deno.Command("/usr/bin/python3", {
    args: ["-c", script, JSON.stringify(rules)],
  });
  const { stdout } = await python.output();
  const expected: unknown = JSON.parse(new TextDecoder().decode(stdout));
  const counts = Array.from({ length: 150 }, (_, n) => n);
  assertEquals(RULES.map((rule) => counts.map(parsePluralForms(rule))), expected);
});

Deno.test("a plural rule that is none is refused, and none runs as code", () => {
  const refused = [
    "",
    "nplurals=2;",
    "nplurals=2; plural=",
    "nplurals=2; plural=n !",
    "nplurals=2; plural=(n",
    "nplurals=2; plural=n)",
    "nplurals=2; plural=n ? 1",
    "nplurals=2; plural=n n",
    "nplurals=2; plural=alert(1)",
    "nplurals=2; plural=n.constructor",
    "nplurals=2; plural=constructor",
    "nplurals=2; plural=n = 1",
    `nplurals=2; plural=${"(".repeat(2000)}n`,
  ];
  for (const rule of refused) assertThrows(() => parsePluralForms(rule), SyntaxError);
  assertEquals([0, 1, 7, -1].map(parsePluralForms("nplurals=2; plural=n*5;")), [0, 1, 1, 1]);
  assertEquals(parsePluralForms("nplurals=2; plural=n/0;")(5), 0);
  fc.assert(fc.property(fc.string(), (text) => {
    try {
      parsePluralForms(`nplurals=2; plural=${text}`)(3);
    } catch (error) {
      assert(error instanceof SyntaxError);
    }
  }));
});

Deno.test("placeholders are Python's", () => {
  const values = { name: "Ann", n: 2 };
  assertEquals(fillIn("%(name)s has %(n)d%% %(x)s %s %", values), "Ann has 2% %(x)s %s %");
  assertEquals(fillIn("%(constructor)s", {}), "%(constructor)s");
  assertLinear((n) => fillIn("%(".repeat(n), {}), { n: 10_000 });
});
