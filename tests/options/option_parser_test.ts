import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { defineOptions } from "../../src/options/define_options.ts";
import type { OptionDefinition } from "../../src/options/option_definition.ts";
import { OptionError } from "../../src/options/option_error.ts";
import { OptionParser } from "../../src/options/option_parser.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";

/** Fails to compile unless both types are the same. */
function same<A>(_value: A): <B>(_: [A] extends [B] ? [B] extends [A] ? B : never : never) => void {
  return () => {};
}

Deno.test("an option has the type that its definition tells", () => {
  const options = defineOptions({
    port: { default: 8888 },
    rate: { type: "float", default: 1 },
    debug: { default: false },
    name: {},
    log_file: { default: "x.log" },
    ids: { type: "int", multiple: true },
    origins: { default: ["a"], multiple: true },
    level: { choices: ["debug", "info"], default: "info" },
    timeout: { type: "duration", default: 5_000 },
    since: { type: "date" },
    url: { type: (text: string) => new URL(text) },
  });
  same(options.port)<number>(0);
  same(options.rate)<number>(0);
  same(options.debug)<boolean>(true);
  same(options.name)<string | undefined>("");
  same(options.log_file)<string>("");
  same(options.ids)<number[]>([]);
  same(options.origins)<string[]>([]);
  same(options.level)<"debug" | "info">("debug");
  same(options.timeout)<number>(0);
  same(options.since)<Date | undefined>(new Date());
  same(options.url)<URL | undefined>(new URL("a:b"));
  // @ts-expect-error -- there is no such option
  assertEquals(options.prot, undefined);
  assertEquals(options.asDict(), {
    port: 8888,
    rate: 1,
    debug: false,
    name: undefined,
    log_file: "x.log",
    ids: [],
    origins: ["a"],
    level: "info",
    timeout: 5_000,
    since: undefined,
    url: undefined,
  });
});

for (
  const [definition, args, value] of [
    [{ default: 1 }, ["--x=80"], 80],
    [{ default: 1 }, ["--x", "-3"], -3],
    [{ default: 1 }, ["-x=+4"], 4],
    [{ default: 1 }, ["--x=1", "--x=2"], 2],
    [{ type: "float" }, ["--x=1.5e3"], 1500],
    [{ type: "float" }, ["--x=.5"], 0.5],
    [{}, ["--x=a=b"], "a=b"],
    [{}, ["--x="], ""],
    [{}, ["--x", ""], ""],
    [{}, ["--x", "-"], "-"],
    [{ default: false }, ["--x"], true],
    [{ default: true }, ["--no-x"], false],
    [{ default: true }, ["--x=F"], false],
    [{ default: true }, ["--x=0"], false],
    [{ default: false }, ["--x=Yes"], true],
    [{ type: "int", multiple: true }, ["--x=1,3,5:7"], [1, 3, 5, 6, 7]],
    [{ type: "int", multiple: true }, ["--x=1:4", "--x=-2:-1"], [1, 2, 3, 4, -2, -1]],
    [{ type: "string", multiple: true }, ["--x=1:4, b"], ["1:4", "b"]],
    [{ multiple: true, default: ["a"] }, ["--x="], []],
    [{ type: "duration" }, ["--x=250"], 250],
    [{ type: "duration" }, ["--x=5s"], 5_000],
    [{ type: "duration" }, ["--x=1h30m"], 5_400_000],
    [{ type: "duration" }, ["--x=1.5 min"], 90_000],
    [{ type: "duration" }, ["--x=1w 2days 3hours"], 788_400_000],
    [{ type: "duration" }, ["--x=500us"], 0.5],
    [{ type: "date" }, ["--x=2013-04-28"], new Date(2013, 3, 28)],
    [{ type: "date" }, ["--x=20130428 05:16"], new Date(2013, 3, 28, 5, 16)],
    [{ type: "date" }, ["--x=2013-04-28T05:16:07"], new Date(2013, 3, 28, 5, 16, 7)],
    [{ type: "date" }, ["--x=2013-04-28T05:16:07.5Z"], new Date("2013-04-28T05:16:07.500Z")],
    [{ type: "date" }, ["--x=2013-04-28 05:16+02:00"], new Date("2013-04-28T03:16:00Z")],
    [{ choices: ["a", "b"] }, ["--x=b"], "b"],
    [{ type: (text: string) => text.length }, ["--x=abc"], 3],
  ] satisfies [OptionDefinition, string[], unknown][]
) {
  Deno.test(`${JSON.stringify(definition)} makes ${JSON.stringify(value)} of ${args}`, () => {
    const parser = new OptionParser();
    parser.define("x", definition);
    assertEquals(parser.parseArguments([...args, "rest"]).rest, ["rest"]);
    assertEquals(parser.get("x"), value);
  });
}

const COMMAND_LINE = "on the command line";

for (
  const [definition, args, message] of [
    [
      { default: 1 },
      ["--port=80a"],
      `Cannot use "80a" as the option --port ${COMMAND_LINE}: expected a whole number`,
    ],
    [
      { default: 1 },
      ["--port=1.5"],
      `Cannot use "1.5" as the option --port ${COMMAND_LINE}: expected a whole number`,
    ],
    [
      { default: 1 },
      ["--port=9007199254740993"],
      `Cannot use "9007199254740993" as the option --port ${COMMAND_LINE}: expected a whole number`,
    ],
    [
      { default: 1 },
      ["--port="],
      `Cannot use "" as the option --port ${COMMAND_LINE}: expected a whole number`,
    ],
    [
      { default: 1 },
      ["--port"],
      `Cannot use the option --port ${COMMAND_LINE} without a value: write --port=INT`,
    ],
    [
      {},
      ["--port", "--help"],
      `Cannot use the option --port ${COMMAND_LINE} without a value: write --port=STRING`,
    ],
    [{}, ["--prot=1"], `Unknown option "--prot" ${COMMAND_LINE}: did you mean --port?`],
    [{}, ["--no-port"], `Unknown option "--no-port" ${COMMAND_LINE}; see --help`],
    [{}, ["--constructor"], `Unknown option "--constructor" ${COMMAND_LINE}; see --help`],
    [
      { default: true },
      ["--port=maybe"],
      `Cannot use "maybe" as the option --port ${COMMAND_LINE}: expected true or false`,
    ],
    [
      { type: "float" },
      ["--port=NaN"],
      `Cannot use "NaN" as the option --port ${COMMAND_LINE}: expected a number`,
    ],
    [
      { type: "float" },
      ["--port=1e999"],
      `Cannot use "1e999" as the option --port ${COMMAND_LINE}: expected a number`,
    ],
    [
      { type: "duration" },
      ["--port=5 fortnights"],
      `Cannot use "5 fortnights" as the option --port ${COMMAND_LINE}: expected a duration, such as 500ms, 5s, 1h30m or a number of milliseconds`,
    ],
    [
      { type: "duration" },
      ["--port=-5s"],
      `Cannot use "-5s" as the option --port ${COMMAND_LINE}: expected a duration, such as 500ms, 5s, 1h30m or a number of milliseconds`,
    ],
    [
      { type: "date" },
      ["--port=2013-02-30"],
      `Cannot use "2013-02-30" as the option --port ${COMMAND_LINE}: expected a date, such as 2013-04-28, 2013-04-28 05:16 or 2013-04-28T05:16:00Z`,
    ],
    [
      { choices: ["a", "b"] },
      ["--port=c"],
      `Cannot use "c" as the option --port ${COMMAND_LINE}: expected one of a, b`,
    ],
    [
      { type: "int", multiple: true },
      ["--port=4:1"],
      `Cannot use "4:1" as the option --port ${COMMAND_LINE}: expected a range from the smaller to the larger, of at most 100000`,
    ],
    [
      { type: "int", multiple: true },
      ["--port=1:999999999"],
      `Cannot use "1:999999999" as the option --port ${COMMAND_LINE}: expected a range from the smaller to the larger, of at most 100000`,
    ],
    [
      { type: "int", multiple: true },
      ["--port=1,,2"],
      `Cannot use "" as the option --port ${COMMAND_LINE}: expected a whole number`,
    ],
    [
      { type: (text: string) => new URL(text) },
      ["--port=x"],
      `Cannot use "x" as the option --port ${COMMAND_LINE}: Invalid URL: 'x'`,
    ],
    [
      { type: parseFloat },
      ["--port=x"],
      `Cannot use "x" as the option --port ${COMMAND_LINE}: expected what parseFloat() can read`,
    ],
    [
      { type: "int", secret: true },
      ["--port=hush"],
      `Cannot use the value given as the option --port ${COMMAND_LINE}: expected a whole number`,
    ],
    [
      { type: JSON.parse, secret: true },
      ["--port=hush"],
      `Cannot use the value given as the option --port ${COMMAND_LINE}: what its type can read`,
    ],
  ] satisfies [OptionDefinition, string[], string][]
) {
  Deno.test(`${JSON.stringify(definition)} refuses ${args}`, () => {
    const parser = new OptionParser();
    parser.define("port", definition);
    const error = assertThrows(() => parser.parseArguments(args), OptionError);
    assertEquals(error.message, message);
    assertEquals(definition.secret === true && error.cause !== undefined, false);
  });
}

Deno.test("the command line goes before the environment, that before the file, all before the default", async () => {
  const options = defineOptions({ port: { default: 1 } }, { envPrefix: "APP_" });
  const file = () => options.parseConfig('{ "port": 2 }', { format: "json" });
  assertEquals(options.port, 1);
  options.parseArguments(["--port=4"], { APP_PORT: "3" });
  assertEquals(options.port, 4);
  await file();
  assertEquals(options.port, 4);
  options.port = 5;
  options.parseArguments(["--port=4"], { APP_PORT: "3" });
  assertEquals(options.port, 5);

  const others = defineOptions({ port: { default: 1 } }, { envPrefix: "APP_" });
  await others.parseConfig('{ "port": 2 }', { format: "json" });
  assertEquals(others.port, 2);
  others.parseArguments([], { APP_PORT: "3" });
  assertEquals(others.port, 3);
  others.parseArguments([], { APP_PORT: "" });
  assertEquals(others.port, 2, "an empty variable is none");
});

Deno.test("underscores, dashes and capitals in names are equal", async () => {
  const options = defineOptions({ log_file: {}, maxBodySize: { default: 1 } });
  for (const name of ["log-file", "log_file", "logFile"]) {
    options.parseArguments([`--${name}=${name}`, "--max_body-size=2"]);
    assertEquals([options.log_file, options.maxBodySize], [name, 2]);
    assertEquals([options.get(name), options.has(name)], [name, true]);
  }
  await options.parseConfig("log-file = 'x'\n[max]\nbody_size = 3", { format: "toml" });
  const error = assertThrows(() => options.define("logFile"), Error);
  assertEquals(
    error.message,
    'Cannot define the option "logFile": it is defined already as "log_file", which is the same',
  );
});

Deno.test("what is wrong with a variable of the environment names it", () => {
  const options = defineOptions({ port: { default: 1, env: "PORT" }, other: { default: 2 } });
  const error = assertThrows(() => options.parseArguments([], { PORT: "80a", OTHER: "x" }));
  assertEquals(
    error instanceof Error && error.message,
    'Cannot use "80a" as the option --port in the environment variable PORT: expected a whole number',
  );
});

Deno.test("a command line with an error changes nothing", () => {
  const options = defineOptions({ a: { default: 1 }, b: { default: 2 } }, { envPrefix: "" });
  options.parseArguments(["--a=3"]);
  assertThrows(() => options.parseArguments(["--a=5", "--b=x"], { B: "4" }), OptionError);
  assertEquals([options.a, options.b], [3, 2]);
});

Deno.test("the first argument that is no option, or two dashes, ends the options", () => {
  const options = defineOptions({ a: { default: false } });
  assertEquals(options.parseArguments(["--a", "x", "--b"]).rest, ["x", "--b"]);
  assertEquals(options.parseArguments(["--", "--a"]).rest, ["--a"]);
  assertEquals(options.parseArguments(["-"]).rest, ["-"]);
  assertEquals(options.parseArguments(["--help", "--nonsense"]), { rest: [], wantsHelp: true });
  assertEquals(options.parseArguments(["-h"]).wantsHelp, true);
});

Deno.test("callbacks run with the value that holds, after all of them were parsed", () => {
  const seen: unknown[] = [];
  const options = defineOptions({
    a: { default: 1, callback: (value: number) => void seen.push([value, options.b]) },
    b: { default: 2 },
  });
  options.addParseCallback(() => void seen.push("parsed"));
  options.parseArguments(["--a=3", "--b=4"]);
  assertEquals(seen, [[3, 4], "parsed"]);
  options.parseArguments([]);
  assertEquals(seen, [[3, 4], "parsed", "parsed"]);
});

Deno.test("a callback that rejects is logged", async () => {
  using records = captureLogs();
  const options = defineOptions({
    a: { callback: () => Promise.reject(new RangeError("too windy")) as unknown as void },
  });
  options.addParseCallback(() => Promise.reject(new RangeError("too calm")) as unknown as void);
  options.parseArguments(["--a=1"]);
  await expectLog(records, "error", /too windy/);
  await expectLog(records, "error", /too calm/);
});

Deno.test("an option is assigned what is of its type only", () => {
  const options = defineOptions({
    port: { default: 1 },
    ids: { type: "int", multiple: true },
    key: { type: "int", secret: true },
  });
  options.port = 2;
  options.set("ids", [1, 2]);
  assertEquals([options.port, options.ids], [2, [1, 2]]);
  for (
    const [name, value, message] of [
      ["port", "80", 'Cannot set the option "port" to "80": expected a whole number'],
      ["ids", 3, 'Cannot set the option "ids" to 3: expected an array, each of it a whole number'],
      ["key", "hush", 'Cannot set the option "key" to the value given: expected a whole number'],
      ["prot", 1, 'Cannot find an option "prot": did you mean "port"?'],
    ] as const
  ) {
    const error = assertThrows(() => options.set(name, value), Error);
    assertEquals(error.message, message);
  }
});

for (
  const [name, definition, message] of [
    ["help", {}, 'Cannot define the option "help": every set of options has its own'],
    ["items", {}, 'Cannot define the option "items": every set of options has its own'],
    ["constructor", {}, 'Cannot define the option "constructor": every set of options has its own'],
    [
      "__proto__",
      {},
      'Cannot define the option "__proto__": its name must begin with a letter, and hold letters, digits, "_" and "-" only',
    ],
    [
      "a b",
      {},
      'Cannot define the option "a b": its name must begin with a letter, and hold letters, digits, "_" and "-" only',
    ],
    [
      "x",
      { default: "a", type: "int" },
      'Cannot define the option "x" with the default "a": expected a whole number',
    ],
    [
      "x",
      { default: 1, multiple: true },
      'Cannot define the option "x" with the default 1: expected an array, each of it a whole number',
    ],
    [
      "x",
      { default: "c", choices: ["a"] },
      'Cannot define the option "x" with the default "c": expected one of a',
    ],
    ["x", { type: Number }, 'Cannot define the option "x" with a constructor: write type: "float"'],
    [
      "x",
      { type: "integer" },
      'Cannot use "integer" as the member of the definition of the option "x" "type": expected "string", "int", "float", "boolean", "duration", "date" or a function that reads a text',
    ],
    [
      "x",
      { type: "int", choices: ["1"] },
      'Cannot define the option "x" with "type" and "choices": give one of them',
    ],
    [
      "x",
      { defualt: 1 },
      'Unknown member of the definition of the option "x" "defualt": did you mean "default"?',
    ],
    [
      "x",
      { env: "A B" },
      'Cannot use "A B" as the member of the definition of the option "x" "env": expected the name of an environment variable, or false',
    ],
    [
      "x",
      { secret: true, type: "int", default: "hush" },
      'Cannot define the option "x" with its default: expected a whole number',
    ],
  ] as const
) {
  Deno.test(`the option ${name} cannot be ${JSON.stringify(definition)}`, () => {
    const parser = new OptionParser();
    const error = assertThrows(
      () => parser.define(name, definition as OptionDefinition),
      TypeError,
    );
    assertEquals(error.message, message);
  });
}

Deno.test("groups hold the options that name them", () => {
  const options = defineOptions({
    port: { default: 1 },
    templatePath: { default: "t", group: "application" },
    debug: { default: true, group: "application" },
  });
  assertEquals(options.groups(), ["", "application"]);
  assertEquals(options.groupDict("application"), { templatePath: "t", debug: true });
  assertEquals(options.items()[0], ["port", 1]);
});

Deno.test("the help lists groups, defaults and variables, and wraps", () => {
  const options = defineOptions({
    port: { default: 8888, help: "where to listen", env: "PORT" },
    debug: { default: false, help: "show errors" },
    cache: { default: true, help: "keep pages" },
    origins: { type: "string", multiple: true, metavar: "ORIGIN", help: "who may connect" },
    timeout: { type: "duration", default: 90_000, help: "of a request ".repeat(6) },
    mysqlPassword: { default: "hush", secret: true, help: "of the database", group: "Database" },
    mysqlHost: { default: "localhost", help: "where the database is", group: "Database" },
  }, { program: "chat", description: "A place to talk." });
  assertEquals(
    options.help({ columns: 72 }),
    `Usage: chat [options]

A place to talk.

Options:

  --help                      show this help
  --port=INT                  where to listen (default 8888; environment
                              PORT)
  --debug                     show errors
  --no-cache                  keep pages
  --origins=ORIGIN,…          who may connect
  --timeout=DURATION          of a request of a request of a request of
                              a request of a request of a request
                              (default 90s)

Database options:

  --mysql-password=STRING     of the database
  --mysql-host=STRING         where the database is (default localhost)
`,
  );
  for (const columns of [1, 40, 55, 80, 1_000]) {
    const widest = Math.max(...options.help({ columns }).split("\n").map((line) => line.length));
    assert(widest <= Math.min(Math.max(columns, 40), 120), `${widest} of ${columns}`);
  }
});

Deno.test("whatever the arguments, they are read or refused with an OptionError", () => {
  const definitions = [{ default: 1 }, { type: "date" }, { type: "duration" }, { default: false }, {
    type: "int",
    multiple: true,
  }] satisfies OptionDefinition[];
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.string(), fc.string().map((text) => `--a=${text}`), fc.constant("--a"))),
    fc.constantFrom<OptionDefinition>(...definitions),
    (args, definition) => {
      const parser = new OptionParser();
      parser.define("a", definition);
      try {
        parser.parseArguments(args);
      } catch (error) {
        assert(error instanceof OptionError, String(error));
      }
    },
  ));
});

Deno.test("settings of a set are checked", () => {
  assertThrows(() => new OptionParser({ envPrefix: "a-" }), TypeError, "envPrefix");
  assertThrows(() => new OptionParser({ prefix: "A_" } as object), TypeError, "prefix");
  assertStringIncludes(new OptionParser().help(), "--help");
});
