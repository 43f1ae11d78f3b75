/** Other names for a file, of file systems that do not mind case, or normalise Unicode. */
import type { FileSystem } from "../../platform/platform.ts";

/** A file and the root that it stands below; `null` where it cannot be found out. */
interface Place {
  readonly root: string | null;
  readonly path: string | null;
}

/**
 * Whether a path opens a file by another name than its own, for a reason that is no link: then a route
 * that guards the file by its name would be passed by. In Unicode the composed form counts as its own
 * name (NFC) where the file system takes it, since that is what browsers send.
 *
 * @param written Where the file was looked for.
 * @param real The same with every link resolved, in the names that the file system keeps.
 */
export function isAlias(written: Place, real: Place, files: FileSystem): boolean {
  const name = below(written);
  const kept = below(real);
  if (name === kept && ASCII.test(name)) return false;
  const composed = kept.normalize("NFC");
  const takesComposed = composed !== kept && files.stat(real.root + composed) !== null;
  const own = takesComposed ? composed : kept;
  if (name === own || fold(name) !== fold(own)) return false;
  if (name.normalize("NFC") === own.normalize("NFC")) return true;
  // Where case counts, it is a link from the one name to the other.
  const probe = otherCase(own, name);
  return probe === null || files.stat(real.root + probe) !== null;
}

const ASCII = /^[\0-\x7f]*$/;

function below({ root, path }: Place): string {
  return (path ?? "").slice((root ?? "").length);
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/** A name that differs from both by the case of a letter only; `null` if there are not enough. */
function otherCase(own: string, name: string): string | null {
  for (let i = 0; i < own.length; i++) {
    const letter = own.charAt(i);
    const flipped = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
    const probe = own.slice(0, i) + flipped + own.slice(i + 1);
    if (probe !== own && probe !== name) return probe;
  }
  return null;
}
