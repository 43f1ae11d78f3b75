/** What an application and the program that runs it in development know of each other. */

/** The variable that holds the address of that program. */
export const DEVELOPMENT_VARIABLE = "GUSTNADO_DEV";

/**
 * The address of the program that runs this one in development; `null` if none does, or if the
 * process may not read its variable. Nobody is asked for a permission.
 */
export function developmentLink(): URL | null {
  if (!("Deno" in globalThis)) return null;
  const { state } = Deno.permissions.querySync({ name: "env", variable: DEVELOPMENT_VARIABLE });
  const link = state === "granted" ? Deno.env.get(DEVELOPMENT_VARIABLE) : undefined;
  return URL.parse(link ?? "");
}

/**
 * Tells that program, if there is one, where a server listens.
 *
 * @param addr The address of the server.
 */
export function announceInDevelopment(addr: object): void {
  const link = developmentLink();
  if (link === null) return;
  fetch(link, { method: "POST", body: JSON.stringify(addr) })
    .then((response) => response.body?.cancel())
    // It may have ended.
    .catch(() => {});
}
