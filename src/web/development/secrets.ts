/** What a page about an error must not show. */

/** What stands in the place of a secret. */
export const HIDDEN = "(hidden)";

const NAME =
  /assertion|auth|bearer|card[-_]?(?:num|no\b)|cookie|credential|csrf|\bcv[cv]2?\b|\biban\b|jwt|(?:api|access|private|secret)[-_]?key|nonce|otp|pass(?:w|phrase)|\bpin\b|pwd|saml|secret|session|signature|\bssn\b|token|xsrf|^_?(?:code|key|pass|sid|sig|state)$/i;

/** Whether what has this name may be a secret, be it a field, an argument or a setting. */
export function isSecretName(name: string): boolean {
  return NAME.test(name);
}

/** A value under its name, or that it is hidden. */
export function unlessSecret(name: string, value: string): string {
  return isSecretName(name) ? HIDDEN : value;
}

/** Text, such as that of a field, whose URLs keep neither passwords nor arguments that are secrets. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/\/\/[^/\s@"']+@/g, `//${HIDDEN}@`)
    .replace(
      /([?&;])([^=&;#\s"']+)=([^&;#\s"']*)/g,
      (_, mark: string, name: string, value: string) =>
        `${mark}${name}=${unlessSecret(decoded(name), value)}`,
    );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
