import { hashPassword, needsRehash, verifyPassword } from "@gustnado/gustnado";

/** The shortest password that is taken. */
export const SHORTEST_PASSWORD = 8;

/** Who has signed up, in memory: a real application has a table with two columns. */
export class Accounts {
  readonly #hashes = new Map<string, string>();

  /**
   * Signs somebody up.
   *
   * @returns Whether the name was free.
   */
  async add(name: string, password: string): Promise<boolean> {
    const hash = await hashPassword(password);
    // Asked after the wait: somebody else may have taken the name meanwhile.
    if (this.#hashes.has(name)) return false;
    this.#hashes.set(name, hash);
    return true;
  }

  /** Whether it is the password of that name. A name that nobody has takes as long to check. */
  async check(name: string, password: string): Promise<boolean> {
    const hash = this.#hashes.get(name) ?? null;
    if (!await verifyPassword(password, hash)) return false;
    // Hashes of former parameters give way to stronger ones, one log-in at a time.
    if (hash !== null && needsRehash(hash)) this.#hashes.set(name, await hashPassword(password));
    return true;
  }
}
