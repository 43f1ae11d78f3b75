import { assertRejects, assertThrows } from "@std/assert";
import { checkConnectOptions } from "../../../src/websocket/client/connect_options.ts";
import { websocketConnect } from "../../../src/websocket/client/websocket_connect.ts";

const NUMBERS = [
  "connectTimeout",
  "pingInterval",
  "pingTimeout",
  "maxMessageSize",
  "inboxMessages",
  "inboxBytes",
  "closeTimeout",
];

for (const name of NUMBERS) {
  Deno.test(`option ${name} of a connection is a number from 0, or not given`, () => {
    for (const value of [NaN, -1, -Infinity]) {
      const options = { [name]: value };
      assertThrows(
        () => checkConnectOptions(options),
        RangeError,
        `Cannot use ${value} as ${name}`,
      );
    }
    for (const value of ["1", null, {}]) {
      assertThrows(() => checkConnectOptions({ [name]: value }), TypeError, `option "${name}"`);
    }
    checkConnectOptions({ [name]: undefined } as object);
    checkConnectOptions({ [name]: Infinity });
  });
}

Deno.test("pingTimeout of a connection is above 0", () => {
  assertThrows(
    () => checkConnectOptions({ pingTimeout: 0 }),
    RangeError,
    "Cannot use 0 as pingTimeout",
  );
});

Deno.test("options of reconnect are numbers from 0, or not given", () => {
  for (const name of ["attempts", "minDelay", "maxDelay"]) {
    const check = (value: unknown) => () =>
      checkConnectOptions({ reconnect: { [name]: value } } as object);
    for (const value of [NaN, -1]) assertThrows(check(value), RangeError, name);
    assertThrows(check("x"), TypeError, `option of reconnect "${name}"`);
    check(undefined)();
  }
  assertThrows(
    () => checkConnectOptions({ reconnect: { tries: 1 } } as object),
    TypeError,
    '"tries"',
  );
});

Deno.test("unknown option of a connection is refused before anything is sent", async () => {
  await assertRejects(
    () => websocketConnect("ws://127.0.0.1/", { connect_timeout: 1 } as object),
    TypeError,
    'Unknown option "connect_timeout": it is spelled "connectTimeout"',
  );
});

Deno.test("secrets in options of a connection are not quoted", () => {
  const error = assertThrows(
    () => checkConnectOptions({ proxyPassword: 12345 } as object),
    TypeError,
  );
  if (error.message.includes("12345")) throw error;
});
