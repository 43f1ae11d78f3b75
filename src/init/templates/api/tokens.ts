/** The tokens of clients. The database has their hashes: nobody who reads it can use them. */
import type { DatabaseSync } from "node:sqlite";

/** Who a token belongs to. */
export interface Client {
  /** Its name. */
  readonly name: string;
}

/** Makes tokens and knows them again. */
export class Tokens {
  readonly #database: DatabaseSync;

  /** @param database Where the hashes are. */
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Makes a token for a client, in place of the one that it had. It is shown this once. */
  async issue(client: string): Promise<string> {
    const token = crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url" })
      .replace("=", "");
    this.#database.prepare(`
      INSERT INTO tokens (client, hash) VALUES (?, ?)
      ON CONFLICT (client) DO UPDATE SET hash = excluded.hash
    `).run(client, await hashOf(token));
    return token;
  }

  /** Whose token it is; `null` if nobody's. */
  async clientOf(token: string): Promise<Client | null> {
    const found = this.#database.prepare("SELECT client FROM tokens WHERE hash = ?")
      .get(await hashOf(token));
    return found === undefined ? null : { name: String(found.client) };
  }
}

async function hashOf(token: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return new Uint8Array(bytes).toHex();
}
