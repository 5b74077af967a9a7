/** What the client says of the texts in its editors: opened, changed, closed. */

import type { Connection } from "vscode-languageserver/node";
import { fromChange } from "./from-proto.ts";
import type { Guard } from "./guard.ts";
import type { EditOf, OpenFiles } from "./open-files.ts";
import { requireShape, shapes } from "./parameters.ts";
import type { Publisher } from "./publisher.ts";

export interface TextNoticesOptions {
  readonly files: OpenFiles;
  readonly publisher: Publisher;
  readonly guard: Guard;
  /** Sends what is found in the files behind this one in its chain. */
  readonly publishChain: (uri: string) => void;
  /** What is kept of a file besides its text goes. */
  readonly onClosed: (uri: string) => void;
}

/** Each notice is checked first: what has another shape is refused, and changes nothing. */
export function registerTextNotices(
  connection: Connection,
  { files, publisher, guard, publishChain, onClosed }: TextNoticesOptions,
): void {
  connection.onDidOpenTextDocument(
    guard.notice("opening a file", (params) => {
      requireShape("the notification", params, shapes.opened);
      const { uri, version, text, languageId } = params.textDocument;
      files.open(uri, version, text, languageId);
      publisher.schedule(uri);
    }),
  );
  connection.onDidChangeTextDocument(
    guard.notice("changing a file", (params) => {
      requireShape("the notification", params, shapes.changed);
      const { uri, version } = params.textDocument;
      const edits = params.contentChanges.map(
        (change): EditOf =>
          (lines, length) =>
            fromChange(lines, length, change),
      );
      files.change(uri, version, edits);
      publisher.schedule(uri);
      publishChain(uri);
    }),
  );
  connection.onDidCloseTextDocument(
    guard.notice("closing a file", (params) => {
      requireShape("the notification", params, shapes.document);
      files.close(params.textDocument.uri);
      publisher.clear(params.textDocument.uri);
      onClosed(params.textDocument.uri);
    }),
  );
}
