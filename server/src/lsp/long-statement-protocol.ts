/** What the server and the thread that reads long statements say to each other. */

import type { MessagePort } from "node:worker_threads";
import type { UnitToRead } from "../syntax/units.ts";

/** A unit to read, and where its parts go. They are all there when the thread says so. */
export interface LongStatementRequest {
  readonly unit: UnitToRead;
  readonly parts: MessagePort;
}

export type LongStatementReply =
  | { readonly kind: "ready" }
  | { readonly kind: "read" }
  | { readonly kind: "unread"; readonly why: string }
  /** An exception of our own, which has cost no more than a statement. */
  | { readonly kind: "bug"; readonly what: string; readonly stack: string };
