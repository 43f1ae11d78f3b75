import { assert, assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { addSlash, authenticated, removeSlash } from "../../../src/web/decorators.ts";
import { RedirectHandler } from "../../../src/web/redirect_handler.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { rawRequest } from "../../support/raw_socket.ts";
import { bothWays, type Fetch, serve } from "../../support/serve.ts";

async function follow(fetch: Fetch, path: string, init?: RequestInit): Promise<string> {
  const response = await fetch(path, init);
  return `${response.status} ${response.headers.get("location")}`;
}

class ToHandler extends RequestHandler {
  override get() {
    const status = this.getArgument("status", null);
    this.redirect(this.getArgument("to"), {
      permanent: this.getArgument("permanent", null) !== null,
      ...(status === null ? {} : { status: Number(status) }),
    });
  }
}

bothWays("redirect is a 302, a 301 if permanent, or any other from 300 to 399", [
  ["/", ToHandler],
], async (fetch) => {
  assertEquals(await follow(fetch, "/?to=/x"), "302 /x");
  assertEquals(await follow(fetch, "/?to=/x&permanent"), "301 /x");
  for (const status of [300, 301, 303, 307, 308, 399]) {
    assertEquals(await follow(fetch, `/?to=/x&permanent&status=${status}`), `${status} /x`);
  }
  for (const status of [200, 299, 400, 301.5, NaN]) {
    using records = captureLogs();
    assertEquals((await fetch(`/?to=/x&status=${status}`)).status, 500);
    await expectLog(records, "error", /it must be from 300 to 399/);
  }
});

const LOCATIONS = {
  "relative": "relative",
  "": "",
  "?q=1": "?q=1",
  "https://example.com/a?b#c": "https://example.com/a?b#c",
  "/caf\u00e9": "/caf%C3%A9",
  "/\u6e2c": "/%E6%B8%AC",
  "/\u{1f32a}": "/%F0%9F%8C%AA",
  "/a b": "/a%20b",
  "/a%20b%C3%A9": "/a%20b%C3%A9",
  "/\ud800": "/%EF%BF%BD",
};

for (const [url, location] of Object.entries(LOCATIONS)) {
  bothWays(`redirect to ${JSON.stringify(url)} leads to ${location || "nothing"}`, [
    [
      "/",
      class extends RequestHandler {
        override get() {
          this.redirect(url);
        }
      },
    ],
  ], async (fetch) => {
    assertEquals(await follow(fetch, "/"), `302 ${location}`);
  });
}

bothWays("redirect to a control character is an error that names it", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.redirect(`/${String.fromCharCode(Number(this.request.query))}`);
      }
    },
  ],
], async (fetch) => {
  for (const code of [0, 1, 9, 10, 13, 31, 127]) {
    using records = captureLogs();
    const response = await fetch(`/?${code}`);
    assertEquals([response.status, response.headers.get("location")], [500, null]);
    await expectLog(records, "error", /the URL contains the control character U\+00/);
  }
});

bothWays("redirect drops what was written and keeps cookies", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.setCookie("a", "1");
        this.redirect("/x");
      }
    },
  ],
], async (fetch) => {
  const response = await fetch("/");
  assertEquals([response.headers.getSetCookie(), await response.text()], [["a=1; Path=/"], ""]);
});

// ---- RedirectHandler

bothWays("RedirectHandler is a 301, or a 302, and keeps the query", [
  ["/permanent", RedirectHandler, { url: "/new" }],
  ["/temporary", RedirectHandler, { url: "/new?a=1#top", permanent: false }],
], async (fetch) => {
  assertEquals(await follow(fetch, "/permanent"), "301 /new");
  assertEquals(await follow(fetch, "/permanent?q=x%20y&q=%C3%A9&z"), "301 /new?q=x%20y&q=%C3%A9&z");
  assertEquals(await follow(fetch, "/permanent?utm=%E9&x=%"), "301 /new?utm=%E9&x=%");
  assertEquals(await follow(fetch, "/permanent?"), "301 /new");
  assertEquals(await follow(fetch, "/temporary"), "302 /new?a=1#top");
  assertEquals(await follow(fetch, "/temporary?b=2"), "302 /new?a=1&b=2#top");
  assertEquals(await follow(fetch, "/permanent", { method: "HEAD" }), "301 /new");
  assertEquals((await fetch("/permanent", { method: "POST" })).status, 405);
});

bothWays("RedirectHandler fills groups into its URL, encoded", [
  ["/a/([^/]+)/(.*)", RedirectHandler, { url: "/{1}/{0}" }],
  ["/b/:user/:id(\\d+)", RedirectHandler, { url: "/{id}/{user}?u={user}" }],
  ["/c(/.*)", RedirectHandler, { url: "/new{0}" }],
  [/\/d(?:\/(\w+))?/, RedirectHandler, { url: "/x/{0}" }],
  ["/e/(.*)", RedirectHandler, { url: "/{2}{name}{0}" }],
], async (fetch) => {
  assertEquals(await follow(fetch, "/a/x/y/z"), "301 /y/z/x");
  assertEquals(await follow(fetch, "/a/%C3%A9/%3Fq%23"), "301 /%3Fq%23/%C3%A9");
  assertEquals(await follow(fetch, "/b/mar%C3%ADa/7"), "301 /7/mar%C3%ADa?u=mar%C3%ADa");
  assertEquals(await follow(fetch, "/c/deep/page"), "301 /new/deep/page");
  assertEquals(await follow(fetch, "/d"), "301 /x/%7B0%7D".replace("%7B0%7D", "{0}"));
  assertEquals(await follow(fetch, "/e/x"), "301 /{2}{name}x");
});

/** What a browser makes of a `Location` on this site. */
function destination(location: string | null): string {
  return new URL(location ?? "", "http://site.example/page").host;
}

const EVIL = [
  "//evil.example",
  "///evil.example",
  "/%2Fevil.example",
  "/\\evil.example",
  "/%5Cevil.example",
  "//evil.example/",
  "/%09/evil.example/",
  "/%2F%2Fevil.example/%2F",
  "//evil.example//",
  "/@evil.example",
  "/.evil.example",
];

Deno.test("no path makes a redirect lead to another site", async () => {
  class AddHandler extends RequestHandler {
    override get: () => void = addSlash(function (this: RequestHandler) {});
  }
  class RemoveHandler extends RequestHandler {
    override get: () => void = removeSlash(function (this: RequestHandler) {});
  }
  const redirect = (url: string, pattern: string) =>
    new Application([[pattern, RedirectHandler, { url }]]);
  const apps = [
    redirect("/{0}", "/(.*)"),
    redirect("{0}", "(.*)"),
    redirect("/{0}{0}", "/(.*)"),
    redirect("/x/../{0}", "/(.*)"),
    redirect("http://site.example{0}", "(.*)"),
    redirect("//site.example{0}", "(.*)"),
    new Application([[/.*/, AddHandler]]),
    new Application([[/.*/, RemoveHandler]]),
  ];
  for (const app of apps) {
    await using server = serve(app);
    let redirected = 0;
    for (const path of [...EVIL, ...EVIL.map((path) => `${path}/`)]) {
      const response = await rawRequest(server.port, `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
      const host = destination(response.header("location"));
      assertEquals([path, response.header("location"), host], [
        path,
        response.header("location"),
        "site.example",
      ]);
      if (response.status === 301) redirected++;
    }
    assert(redirected > 0);
  }
});

// ---- decorators

class SlashHandler extends RequestHandler {
  @addSlash
  override get(...args: string[]) {
    this.write(`with ${args.length}`);
  }
  @addSlash
  override post() {
    this.write("posted");
  }
}

class NoSlashHandler extends RequestHandler {
  @removeSlash
  override get() {
    this.write("without");
  }
  @removeSlash
  override post() {
    this.write("posted");
  }
}

bothWays("addSlash sends GET and HEAD to the path with a slash, others to a 404", [
  ["/page(/?)", SlashHandler],
], async (fetch) => {
  assertEquals(await follow(fetch, "/page"), "301 /page/");
  assertEquals(await follow(fetch, "/page?a=b%20c"), "301 /page/?a=b%20c");
  assertEquals(await follow(fetch, "/page", { method: "HEAD" }), "301 /page/");
  assertEquals(await (await fetch("/page/")).text(), "with 1");
  assertEquals((await fetch("/page", { method: "POST" })).status, 404);
  assertEquals(await (await fetch("/page/", { method: "POST" })).text(), "posted");
});

bothWays("removeSlash sends GET and HEAD to the path without slashes, others to a 404", [
  ["/page(/*)", NoSlashHandler],
  ["/", NoSlashHandler],
], async (fetch) => {
  assertEquals(await follow(fetch, "/page/"), "301 /page");
  assertEquals(await follow(fetch, "/page///?a=b"), "301 /page?a=b");
  assertEquals(await (await fetch("/page")).text(), "without");
  assertEquals(await (await fetch("/")).text(), "without");
  assertEquals((await fetch("/page/", { method: "POST" })).status, 404);
});

class MemberHandler extends RequestHandler {
  override getCurrentUser() {
    return this.getCookie("user");
  }
  @authenticated
  override get(id: string) {
    this.write(`${this.currentUser} ${id}`);
  }
  override async post() {
    await authenticated(async function (this: RequestHandler) {
      await undefined;
      this.write("posted");
    }).call(this);
  }
}

const members = (loginUrl?: string) => () =>
  new Application([["/(\\d+)", MemberHandler]], loginUrl === undefined ? {} : { loginUrl });

bothWays(
  "authenticated lets users through, with the method's arguments",
  members(),
  async (fetch) => {
    const headers = { cookie: "user=maria" };
    assertEquals(await (await fetch("/7", { headers })).text(), "maria 7");
    assertEquals(await (await fetch("/7", { headers, method: "POST" })).text(), "posted");
  },
);

bothWays(
  "authenticated sends others to the login page, or answers 403",
  members("/login"),
  async (fetch) => {
    assertEquals(await follow(fetch, "/7?a=b&c"), "302 /login?next=%2F7%3Fa%3Db%26c");
    assertEquals(await follow(fetch, "/7", { method: "HEAD" }), "302 /login?next=%2F7");
    assertEquals((await fetch("/7", { method: "POST" })).status, 403);
  },
);

bothWays(
  "login page on another site gets the whole URL to come back to",
  members("https://login.example/"),
  async (fetch) => {
    const location = (await follow(fetch, "/7")).slice("302 https://login.example/?next=".length);
    const { protocol, pathname } = new URL(decodeURIComponent(location));
    assertEquals([protocol, pathname], ["http:", "/7"]);
  },
);

bothWays(
  "login page with a query of its own is left as it is",
  members("/login?x"),
  async (fetch) => {
    assertEquals(await follow(fetch, "/7"), "302 /login?x");
  },
);

bothWays(
  "authenticated without loginUrl is an error that names the setting",
  members(),
  async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/7")).status, 500);
    await expectLog(records, "error", /Cannot use @authenticated: set "loginUrl"/);
  },
);

bothWays("user that is set in prepare is the one that authenticated sees", [
  [
    "/",
    class extends RequestHandler {
      override async prepare() {
        await undefined;
        this.currentUser = "set";
      }
      @authenticated
      override get() {
        this.write(String(this.currentUser));
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "set");
});

bothWays("getCurrentUser is called once, when it is first asked for", [
  [
    "/",
    class extends RequestHandler {
      #calls = 0;
      override getCurrentUser() {
        this.#calls++;
        return null;
      }
      override get() {
        const before = this.#calls;
        assertEquals([this.currentUser, this.currentUser], [null, null]);
        this.write([before, this.#calls]);
      }
    },
  ],
  [
    "/none",
    class extends RequestHandler {
      override get() {
        this.write({ user: this.currentUser });
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/")).json(), [0, 1]);
  assertEquals(await (await fetch("/none")).json(), { user: null });
});

bothWays("promise cannot be the current user unless the method is async", [
  [
    "/",
    class extends RequestHandler {
      override getCurrentUser() {
        return Promise.reject(new Error("unseen"));
      }
      override get() {
        this.write(String(this.currentUser));
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/")).status, 500);
  await expectLog(records, "error", /declare getCurrentUser as async/);
});
