/** Who has signed up. The database has the hashes of their passwords. */
import type { DatabaseSync } from "node:sqlite";
import { hashPassword, needsRehash, verifyPassword } from "@gustnado/gustnado";

/** The shortest password that is taken. */
export const SHORTEST_PASSWORD = 8;

/** Signs users up, and checks their passwords. */
export class Accounts {
  readonly #database: DatabaseSync;

  /** @param database Where they are. */
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Signs somebody up.
   *
   * @returns Whether the name was free.
   */
  async add(name: string, password: string): Promise<boolean> {
    const hash = await hashPassword(password);
    return this.#database.prepare(
      "INSERT INTO accounts (name, hash) VALUES (?, ?) ON CONFLICT DO NOTHING",
    ).run(name, hash).changes !== 0;
  }

  /**
   * Checks a password. A name that nobody has takes as long.
   *
   * @returns The name as it was signed up; `null` if the password is another.
   */
  async check(name: string, password: string): Promise<string | null> {
    const row = this.#database.prepare(
      "SELECT name, hash FROM accounts WHERE name = ?",
    ).get(name);
    const hash = row === undefined ? null : String(row.hash);
    if (!await verifyPassword(password, hash) || row === undefined) return null;
    if (hash !== null && needsRehash(hash)) await this.#rehash(name, password);
    return String(row.name);
  }

  /** Hashes of former parameters give way to stronger ones, one log-in at a time. */
  async #rehash(name: string, password: string): Promise<void> {
    this.#database.prepare("UPDATE accounts SET hash = ? WHERE name = ?")
      .run(await hashPassword(password), name);
  }
}
