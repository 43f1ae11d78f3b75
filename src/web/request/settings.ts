/** The settings of how requests are read: the limits of queries and forms. */
import { type SettingTable, SIZE } from "../../checks/option_check.ts";
import type { MultipartLimits } from "../../http/body/multipart.ts";

/**
 * How large a query or a form may be.
 *
 * @category Requests and responses
 */
export interface FormSettings {
  /** Arguments in one query or form; more is 400. Default 1,000. */
  maxArguments?: number;
  /** Parts in one multipart form; more is 400. Default 100. */
  maxMultipartParts?: number;
  /** Bytes of the header of one part of a multipart form; more is 400. Default 10 KiB. */
  maxMultipartHeaderBytes?: number;
}

/** The checks of {@linkcode FormSettings}. Their defaults are those of the parsers in `http/body`. */
export const FORM_SETTINGS: SettingTable<FormSettings, keyof FormSettings> = {
  maxArguments: SIZE,
  maxMultipartParts: SIZE,
  maxMultipartHeaderBytes: SIZE,
};

/** The same, for those who read a form. */
export interface FormLimits extends MultipartLimits {
  /** Arguments in one query or form. */
  readonly maxArguments?: number | undefined;
}

/** The limits of forms that were set. */
export function formLimits(
  { maxArguments, maxMultipartParts, maxMultipartHeaderBytes }: FormSettings,
): FormLimits {
  return {
    maxArguments,
    maxParts: maxMultipartParts,
    maxPartHeaderBytes: maxMultipartHeaderBytes,
  };
}
