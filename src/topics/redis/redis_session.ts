/** An open connection to Redis. */
import type { RedisClient, RedisClients } from "./redis_client.ts";
import type { Script } from "./scripts.ts";
import { parseLife, type ServerLife, UNKNOWN_LIFE } from "./server_life.ts";

/** A script with what it is called with. */
export interface ScriptCall {
  readonly script: Script;
  readonly keys: readonly string[];
  /** Those beyond the three that all scripts have. */
  readonly args: readonly string[];
}

/** One connection, from the greeting to its end. */
export class RedisSession {
  readonly client: RedisClient;
  /** The run of the server at its end. */
  readonly life: ServerLife;
  readonly #addresses: ReadonlyMap<Script, string>;
  readonly #life: readonly [string, string];

  private constructor(
    client: RedisClient,
    life: ServerLife,
    addresses: ReadonlyMap<Script, string>,
  ) {
    this.client = client;
    this.life = life;
    this.#addresses = addresses;
    this.#life = [life.run, life.kept ? "1" : "0"];
  }

  /**
   * Connects, asks what server it is, and hands over the scripts.
   *
   * @throws {Error} The promise rejects if the connection fails, or nothing can be published there.
   */
  static async greet(
    client: RedisClient,
    clients: Pick<RedisClients, "isAnswer">,
    scripts: readonly Script[],
  ): Promise<RedisSession> {
    await client.connect();
    const life = await askLife(client, clients);
    const loads = scripts.map(async (script): Promise<[Script, string]> => [
      script,
      String(await client.sendCommand(["SCRIPT", "LOAD", script.text])),
    ]);
    return new RedisSession(client, life, new Map(await Promise.all(loads)));
  }

  /** Runs a script; with `refused` as one that may have been refused before. */
  run({ script, keys, args }: ScriptCall, refused: boolean): Promise<unknown> {
    return this.client.sendCommand([
      "EVALSHA",
      this.#addresses.get(script) ?? "",
      `${keys.length}`,
      ...keys,
      ...this.#life,
      refused ? "1" : "0",
      ...args,
    ]);
  }
}

/** Users may be kept from asking. */
async function askLife(
  client: RedisClient,
  clients: Pick<RedisClients, "isAnswer">,
): Promise<ServerLife> {
  let text: string;
  try {
    text = String(await client.sendCommand(["INFO"]));
  } catch (error) {
    if (clients.isAnswer(error) && error.message.startsWith("NOPERM")) return UNKNOWN_LIFE;
    throw error;
  }
  return parseLife(text);
}
