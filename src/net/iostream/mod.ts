/**
 * Connections read and written by the rules of a protocol, as in `tornado.iostream`.
 *
 * @module
 */
export {
  IOStream,
  type IOStreamOptions,
  type ReadBytesOptions,
  type ReadUntilOptions,
  type StartTlsOptions,
} from "./io_stream.ts";
export {
  StreamBufferFullError,
  StreamClosedError,
  UnsatisfiableReadError,
} from "./stream_errors.ts";
