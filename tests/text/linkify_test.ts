import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { linkify, type LinkifyOptions } from "../../src/text/escape/linkify.ts";
import { xhtmlEscape } from "../../src/text/escape/xhtml.ts";
import { xhtmlUnescape } from "../../src/text/escape/xhtml_unescape.ts";
import { assertLinear } from "../support/linear.ts";

/** Text, options and the answer of Tornado 6.6. */
const TORNADO: readonly [string, LinkifyOptions, string][] = [
  [`hello http://world.com/!`, {}, `hello <a href="http://world.com/">http://world.com/</a>!`],
  [
    `hello http://world.com/with?param=true&stuff=yes`,
    {},
    `hello <a href="http://world.com/with?param=true&amp;stuff=yes">http://world.com/with?param=true&amp;stuff=yes</a>`,
  ],
  [
    `http://url.com/w(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`,
    {},
    `<a href="http://url.com/w">http://url.com/w</a>(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`,
  ],
  [
    `http://url.com/withmany.......................................`,
    {},
    `<a href="http://url.com/withmany">http://url.com/withmany</a>.......................................`,
  ],
  [
    `http://url.com/withmany((((((((((((((((((((((((((((((((((a)`,
    {},
    `<a href="http://url.com/withmany">http://url.com/withmany</a>((((((((((((((((((((((((((((((((((a)`,
  ],
  [
    `http://foo.com/blah_blah`,
    {},
    `<a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>`,
  ],
  [
    `http://foo.com/blah_blah/`,
    {},
    `<a href="http://foo.com/blah_blah/">http://foo.com/blah_blah/</a>`,
  ],
  [
    `(Something like http://foo.com/blah_blah)`,
    {},
    `(Something like <a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>)`,
  ],
  [
    `http://foo.com/blah_blah_(wikipedia)`,
    {},
    `<a href="http://foo.com/blah_blah_(wikipedia)">http://foo.com/blah_blah_(wikipedia)</a>`,
  ],
  [
    `http://foo.com/blah_(blah)_(wikipedia)_blah`,
    {},
    `<a href="http://foo.com/blah_(blah)_(wikipedia)_blah">http://foo.com/blah_(blah)_(wikipedia)_blah</a>`,
  ],
  [
    `(Something like http://foo.com/blah_blah_(wikipedia))`,
    {},
    `(Something like <a href="http://foo.com/blah_blah_(wikipedia)">http://foo.com/blah_blah_(wikipedia)</a>)`,
  ],
  [
    `http://foo.com/blah_blah.`,
    {},
    `<a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>.`,
  ],
  [
    `http://foo.com/blah_blah/.`,
    {},
    `<a href="http://foo.com/blah_blah/">http://foo.com/blah_blah/</a>.`,
  ],
  [
    `<http://foo.com/blah_blah>`,
    {},
    `&lt;<a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>&gt;`,
  ],
  [
    `<http://foo.com/blah_blah/>`,
    {},
    `&lt;<a href="http://foo.com/blah_blah/">http://foo.com/blah_blah/</a>&gt;`,
  ],
  [
    `http://foo.com/blah_blah,`,
    {},
    `<a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>,`,
  ],
  [
    `http://www.example.com/wpstyle/?p=364.`,
    {},
    `<a href="http://www.example.com/wpstyle/?p=364">http://www.example.com/wpstyle/?p=364</a>.`,
  ],
  [
    `rdar://1234`,
    { permittedProtocols: ["http", "rdar"] },
    `<a href="rdar://1234">rdar://1234</a>`,
  ],
  [`rdar:/1234`, { permittedProtocols: ["rdar"] }, `<a href="rdar:/1234">rdar:/1234</a>`],
  [
    `http://userid:password@example.com:8080`,
    {},
    `<a href="http://userid:password@example.com:8080">http://userid:password@example.com:8080</a>`,
  ],
  [
    `http://userid@example.com`,
    {},
    `<a href="http://userid@example.com">http://userid@example.com</a>`,
  ],
  [
    `http://userid@example.com:8080`,
    {},
    `<a href="http://userid@example.com:8080">http://userid@example.com:8080</a>`,
  ],
  [
    `http://userid:password@example.com`,
    {},
    `<a href="http://userid:password@example.com">http://userid:password@example.com</a>`,
  ],
  [
    `message://%3c330e7f8409726r6a4ba78dkf1fd71420c1bf6ff@mail.gmail.com%3e`,
    { permittedProtocols: ["http", "message"] },
    `<a href="message://%3c330e7f8409726r6a4ba78dkf1fd71420c1bf6ff@mail.gmail.com%3e">message://%3c330e7f8409726r6a4ba78dkf1fd71420c1bf6ff@mail.gmail.com%3e</a>`,
  ],
  [`http://➡.ws/䨹`, {}, `<a href="http://➡.ws/䨹">http://➡.ws/䨹</a>`],
  [
    `<tag>http://example.com</tag>`,
    {},
    `&lt;tag&gt;<a href="http://example.com">http://example.com</a>&lt;/tag&gt;`,
  ],
  [
    `Just a www.example.com link.`,
    {},
    `Just a <a href="http://www.example.com">www.example.com</a> link.`,
  ],
  [`Just a www.example.com link.`, { requireProtocol: true }, `Just a www.example.com link.`],
  [
    `A http://reallylong.com/link/that/exceedsthelenglimit.html`,
    { requireProtocol: true, shorten: true },
    `A <a href="http://reallylong.com/link/that/exceedsthelenglimit.html" title="http://reallylong.com/link/that/exceedsthelenglimit.html">http://reallylong.com/link...</a>`,
  ],
  [
    `A http://reallylongdomainnamethatwillbetoolong.com/hi!`,
    { shorten: true },
    `A <a href="http://reallylongdomainnamethatwillbetoolong.com/hi" title="http://reallylongdomainnamethatwillbetoolong.com/hi">http://reallylongdomainnametha...</a>!`,
  ],
  [
    `A file:///passwords.txt and http://web.com link`,
    {},
    `A file:///passwords.txt and <a href="http://web.com">http://web.com</a> link`,
  ],
  [
    `A file:///passwords.txt and http://web.com link`,
    { permittedProtocols: ["file"] },
    `A <a href="file:///passwords.txt">file:///passwords.txt</a> and http://web.com link`,
  ],
  [
    `www.external-link.com`,
    { extraParams: 'rel="nofollow" class="external"' },
    `<a href="http://www.external-link.com" rel="nofollow" class="external">www.external-link.com</a>`,
  ],
  [
    `www.external-link.com and www.internal-link.com/blogs extra`,
    {
      extraParams: (href) =>
        href.startsWith("http://www.internal-link.com")
          ? `class="internal"`
          : `rel="nofollow" class="external"`,
    },
    `<a href="http://www.external-link.com" rel="nofollow" class="external">www.external-link.com</a> and <a href="http://www.internal-link.com/blogs" class="internal">www.internal-link.com/blogs</a> extra`,
  ],
  [
    `www.external-link.com`,
    { extraParams: () => `    rel="nofollow" class="external"  ` },
    `<a href="http://www.external-link.com" rel="nofollow" class="external">www.external-link.com</a>`,
  ],
];

Deno.test("linkify gives what Tornado gives", () => {
  for (const [text, options, expected] of TORNADO) {
    assertEquals(linkify(text, options), expected);
  }
});

Deno.test("linkify makes no link of a protocol that is not permitted", () => {
  assertEquals(linkify("javascript://alert(1)"), "javascript://alert(1)");
  assertEquals(linkify("data:/text/html"), "data:/text/html");
});

Deno.test("linkify cannot be made to leave its attribute", () => {
  const url = `http://a.b/&quot;onmouseover=&quot;alert(1)`;
  assertEquals(linkify(`http://a.b/"onmouseover="alert(1)`), `<a href="${url}">${url}</a>`);
});

Deno.test("linkify changes nothing but the markup of any text", () => {
  const word = fc.constantFrom(
    "http://",
    "www.",
    "a.b",
    "(",
    ")",
    "&",
    "<",
    '"',
    "/",
    " ",
    "-",
    ".",
  );
  fc.assert(fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 30 }), (words) => {
    const text = words.join("");
    const plain = linkify(text).replaceAll(/<a href="[^"<>]*">|<\/a>/g, "");
    assertEquals(plain, xhtmlEscape(text));
  }));
});

Deno.test("linkify shortens without ever cutting an entity in two", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (host, path) => {
    const linked = linkify(`http://a.example.com${host}/&&&${path}`, { shorten: true });
    for (const amp of linked.matchAll(/&[^;]{0,8}/g)) {
      assert(/^&(?:amp|lt|gt|quot|#x27)/.test(amp[0]), `${amp[0]} in ${linked}`);
    }
    assert(xhtmlUnescape(linked).length > 0);
  }));
});

for (
  const unit of [
    "a-",
    "http://",
    "http://(",
    "http://a(",
    "www.",
    "www.a(b)",
    "(",
    ":/",
    "a:/(x",
    "&amp;",
    ".",
  ]
) {
  Deno.test(`linkify takes linear time over repetitions of ${unit}`, () => {
    assertLinear((n) => linkify(unit.repeat(n)), { n: 3000 });
  });
}
