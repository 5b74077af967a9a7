/** The formats of `check`. */

import { jsonReporter } from "./json.ts";
import type { Reporter } from "./reporter.ts";
import { textReporter } from "./text.ts";

export const reportFormats = ["text", "json"] as const;

export const reporters: Readonly<Record<(typeof reportFormats)[number], Reporter>> = {
  text: textReporter,
  json: jsonReporter,
};
