import { assertEquals, assertRejects } from "@std/assert";
import { type DefinedOptions, defineOptions } from "../../src/options/define_options.ts";
import { OptionError } from "../../src/options/option_error.ts";

const TABLE = {
  port: { default: 1 },
  debug: { default: false },
  name: { default: "" },
  ids: { type: "int", multiple: true },
  timeout: { type: "duration", default: 0 },
  since: { type: "date" },
  mysqlHost: { default: "localhost" },
  url: { type: (text: string) => new URL(text) },
  key: { type: "int", secret: true },
} as const;

const make = (): DefinedOptions<typeof TABLE> => defineOptions(TABLE);

for (
  const [format, text] of [
    [
      "toml",
      `port = 80
debug = true
name = "x"
ids = [1, "3:4"]
timeout = "5s"
since = 2013-04-28T00:00:00Z
url = "http://localhost/"

[mysql]
host = "db"
`,
    ],
    [
      "json",
      `{
  "port": 80, "debug": true, "name": "x", "ids": [1, "3:4"], "timeout": 5000,
  "since": "2013-04-28T00:00Z", "url": "http://localhost/", "mysql": { "host": "db" }
}`,
    ],
    [
      "json",
      `\ufeff{"port":"80","debug":"yes","name":"x","ids":"1,3:4","timeout":"5s",
      "since":"20130428T000000Z","url":"http://localhost/","mysql-host":"db"}`,
    ],
  ] as const
) {
  Deno.test(`a file of ${format} sets options: ${text.slice(0, 20)}`, async () => {
    const options = make();
    await options.parseConfig(text, { format });
    const { port, debug, name, ids, timeout, since, mysqlHost, url } = options;
    assertEquals(
      { port, debug, name, timeout, mysqlHost, since, url: url?.href },
      {
        port: 80,
        debug: true,
        name: "x",
        timeout: 5_000,
        mysqlHost: "db",
        since: new Date("2013-04-28T00:00:00Z"),
        url: "http://localhost/",
      },
    );
    assertEquals(ids, [1, 3, 4]);
  });
}

for (
  const [format, text, message] of [
    [
      "toml",
      "\n# the port\nport = 'x'\n",
      'Cannot use "x" as the option --port in line 3 of my.conf: expected a whole number',
    ],
    [
      "toml",
      "port = 1.5",
      "Cannot use 1.5 as the option --port in line 1 of my.conf: expected a whole number",
    ],
    [
      "toml",
      "[mysql]\ncolour = 1\n 'host' = 2",
      'Unknown option "mysql.colour" in line 2 of my.conf; see --help',
    ],
    [
      "toml",
      "[mysql]\n'host' = 2",
      "Cannot use 2 as the option --mysql-host in line 2 of my.conf: expected a string",
    ],
    ["toml", "prot = 1", 'Unknown option "prot" in line 1 of my.conf: did you mean port?'],
    [
      "toml",
      "debug = 'perhaps'",
      'Cannot use "perhaps" as the option --debug in line 1 of my.conf: expected true or false',
    ],
    [
      "toml",
      "port = [1]",
      "Cannot use an array as the option --port in line 1 of my.conf: expected a whole number",
    ],
    [
      "toml",
      "key = 'hush'",
      "Cannot use the value given as the option --key in line 1 of my.conf: expected a whole number",
    ],
    ["toml", "url = 5", "Cannot use 5 as the option --url in line 1 of my.conf: expected a string"],
    ["toml", "a = 1\nb = nonsense", "Cannot read options from line 2 of my.conf: it is not TOML"],
    [
      "json",
      '{\n  "mysql": {\n    "host": null } }',
      "Cannot use null as the option --mysql-host in line 3 of my.conf: expected a string",
    ],
    ["json", '{\n "port": 1,\n}', "Cannot read options from line 3 of my.conf: it is not JSON"],
    ["json", '{\n "port": 1,\n', "Cannot read options from line 3 of my.conf: it is not JSON"],
    ["json", "[1]", "Cannot read options from my.conf: expected names and values at the top"],
    ["json", "null", "Cannot read options from my.conf: expected names and values at the top"],
    ["json", '{"__proto__": 1}', 'Unknown option "__proto__" in line 1 of my.conf; see --help'],
    [
      "json",
      '{"__proto__": {"debug": true}}',
      'Unknown option "__proto__.debug" in line 1 of my.conf; see --help',
    ],
    ["toml", "port = 1\na =\n", "Cannot read options from line 2 of my.conf: it is not TOML"],
    ["toml", "port = 1\na = @\n", "Cannot read options from line 2 of my.conf: it is not TOML"],
  ] as const
) {
  Deno.test(`a file of ${format} is refused: ${JSON.stringify(text)}`, async () => {
    const options = make();
    const before = options.asDict();
    const error = await assertRejects(
      () => options.parseConfig(text, { format, file: "my.conf" }),
      OptionError,
    );
    assertEquals(error.message, message);
    assertEquals(options.asDict(), before);
  });
}

Deno.test("a second file takes the place of the first", async () => {
  const options = make();
  await options.parseConfig("port = 2\nname = 'x'", { format: "toml" });
  await options.parseConfig("port = 3", { format: "toml" });
  assertEquals([options.port, options.name], [3, ""]);
});
