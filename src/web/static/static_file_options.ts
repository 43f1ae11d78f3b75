/** What a route of static files can be told. */
import { BOOLEAN, type OptionType, STRING } from "../../checks/option_check.ts";

/**
 * What a route hands to a {@linkcode StaticFileHandler}.
 *
 * @category Static files
 */
export interface StaticFileOptions {
  /** The directory to serve. A relative one starts at the working directory. */
  readonly path: string;
  /** The file that stands for a directory, such as `"index.html"`. Default none: directories are 403. */
  readonly defaultFilename?: string;
  /**
   * Serve files and directories whose names begin with a dot. Default `false`: they hold passwords
   * and repositories more often than pages. `.well-known` at the top is always served (RFC 8615).
   */
  readonly dotFiles?: boolean;
  /**
   * Follow symbolic links that lead out of the directory. Default `false`: whoever can make a link in
   * it could otherwise read every file that the process can.
   */
  readonly followSymlinks?: boolean;
  /**
   * Send `app.js.br`, `app.js.zst` or `app.js.gz` in place of `app.js` to clients that accept it, if
   * it is not older. Default `true`. Turn it off for a directory that strangers upload files to.
   */
  readonly precompressed?: boolean;
}

/** Types for `checkOptions`. */
export const STATIC_FILE_OPTIONS: Readonly<Record<keyof StaticFileOptions, OptionType>> = {
  path: STRING,
  defaultFilename: STRING,
  dotFiles: BOOLEAN,
  followSymlinks: BOOLEAN,
  precompressed: BOOLEAN,
};
