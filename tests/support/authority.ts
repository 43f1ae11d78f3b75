/**
 * A certificate authority of its own, made by `openssl`.
 *
 * @module
 */

/** A certificate and its key, in PEM form. */
export interface Certificate {
  /** The certificate. */
  readonly cert: string;
  /** The private key. */
  readonly key: string;
}

/** A certificate authority that lasts for one test. */
export class Authority implements AsyncDisposable {
  readonly #directory: string;
  #issued = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes an authority, to be bound with `await using`. */
  static async create(): Promise<Authority> {
    const authority = new Authority(await Deno.makeTempDir({ prefix: "gustnado-" }));
    await authority.#openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/CN=Test authority", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem"],
      ...["-addext", "basicConstraints=critical,CA:TRUE"],
      ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    );
    return authority;
  }

  /** Its own certificate, in PEM form. */
  get cert(): Promise<string> {
    return Deno.readTextFile(this.path("ca.pem"));
  }

  /** The path of one of its files; `ca.pem` is its certificate. */
  path(name: string): string {
    return `${this.#directory}/${name}`;
  }

  /**
   * Issues a certificate.
   *
   * @param names What it is valid for, such as `"IP:127.0.0.1"` or `"DNS:localhost"`.
   */
  async issue(names: string): Promise<Certificate> {
    const name = `issued-${++this.#issued}`;
    await this.#openssl(
      ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/CN=Test", "-keyout", `${name}.key`, "-out", `${name}.csr`],
    );
    await Deno.writeTextFile(
      this.path(`${name}.ext`),
      `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`,
    );
    await this.#openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "1"],
      ...["-CAcreateserial", "-extfile", `${name}.ext`, "-out", `${name}.pem`],
    );
    return {
      cert: await Deno.readTextFile(this.path(`${name}.pem`)),
      key: await Deno.readTextFile(this.path(`${name}.key`)),
    };
  }

  /** Removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#directory, { recursive: true });
  }

  async #openssl(...args: string[]): Promise<void> {
    const command = new Deno.Command("openssl", { args, cwd: this.#directory, stdout: "null" });
    const { success, stderr } = await command.output();
    if (!success) throw new Error(`openssl failed: ${new TextDecoder().decode(stderr)}`);
  }
}
