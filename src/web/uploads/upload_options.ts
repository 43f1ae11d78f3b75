/** How uploads are received. */
import {
  checkOptions,
  FUNCTION,
  type OptionType,
  SIZE,
  STRING,
} from "../../checks/option_check.ts";
import type { UploadSink, UploadSinkMaker } from "./upload_sink.ts";

/**
 * How {@linkcode receiveUploads} receives the files of a form. Either `directory` or `sink`.
 *
 * @category Requests and responses
 */
export interface UploadOptions {
  /**
   * The directory that the files are written to, each under a random name that only the process may
   * read. It has to be there. A relative one starts at the working directory.
   */
  readonly directory?: string;
  /** Says where each file goes, such as into a store of objects. It may be `async`, or throw. */
  readonly sink?: UploadSinkMaker;
  /** Bytes of one file; more is 413. Default: as many as the whole body may have. */
  readonly maxFileSize?: number;
  /**
   * Bytes of the whole body, for this request in place of the server's `maxBodySize`; more is 413.
   * Default: that, 100 MiB.
   */
  readonly maxTotalSize?: number;
  /** Files in one form; more is 400. Default 20. */
  readonly maxFiles?: number;
  /** Bytes that all fields may have together that are no files: they are held. Default 1 MiB. */
  readonly maxFieldsSize?: number;
  /**
   * Is told as the body arrives how many bytes have come, and how many are due; `null` if the client
   * does not tell, or has compressed them. Nobody waits for its promise.
   */
  readonly onProgress?: (received: number, total: number | null) => void;
}

/** All of it, with the defaults. */
export interface UploadRules {
  readonly sink: UploadSinkMaker;
  readonly maxFileSize: number;
  readonly maxFiles: number;
  readonly maxFieldsSize: number;
}

const DIRECTORY: OptionType = {
  name: "the path of a directory",
  test: (value) => STRING.test(value) && value !== "",
};
const COUNT: OptionType = { ...SIZE, isRange: true };

/** The types of {@linkcode UploadOptions}. */
export const UPLOAD_OPTIONS: Readonly<Record<keyof UploadOptions, OptionType>> = {
  directory: DIRECTORY,
  sink: FUNCTION,
  maxFileSize: COUNT,
  maxTotalSize: COUNT,
  maxFiles: COUNT,
  maxFieldsSize: COUNT,
  onProgress: FUNCTION,
};

/** The defaults of what can be left out. */
const MAX_FILES = 20;
const MAX_FIELDS_SIZE = 1024 * 1024;

/**
 * Checks options, and fills in what is left out.
 *
 * @param directorySink Makes the sink of a directory.
 * @throws {TypeError} If an option is unknown or ill-typed, or there is not one of `directory` and
 *   `sink`.
 * @throws {RangeError} If a limit is negative or none.
 */
export function uploadRules(
  options: UploadOptions,
  directorySink: (directory: string) => UploadSinkMaker,
): UploadRules {
  checkOptions(options, UPLOAD_OPTIONS, "option of receiveUploads()");
  const { directory, sink } = options;
  if ((directory === undefined) === (sink === undefined)) {
    throw new TypeError('Cannot receiveUploads(): set "directory" or "sink", one of them');
  }
  return {
    sink: sink ?? directorySink(directory ?? ""),
    maxFileSize: options.maxFileSize ?? Infinity,
    maxFiles: options.maxFiles ?? MAX_FILES,
    maxFieldsSize: options.maxFieldsSize ?? MAX_FIELDS_SIZE,
  };
}

/**
 * Checks what an application's `sink` gave.
 *
 * @throws {TypeError} If it is no sink.
 */
export function checkSink(sink: unknown): asserts sink is UploadSink {
  const members = typeof sink === "object" && sink !== null ? sink : {};
  if ("writable" in members && members.writable instanceof WritableStream) return;
  throw new TypeError(
    'Cannot receive an upload into what "sink" gave: expected an object with a WritableStream as ' +
      '"writable"',
  );
}
