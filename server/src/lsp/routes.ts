/** Which request goes to which handler. */

import type { CodeLens, Connection } from "vscode-languageserver/node";
import type { Guard } from "./guard.ts";
import { catalog, tree } from "./handlers/catalog.ts";
import { codeActions, resolveCodeAction } from "./handlers/code-actions.ts";
import { listCodeLenses, resolveCodeLens } from "./handlers/code-lens.ts";
import { executeCommand } from "./handlers/commands.ts";
import { connect } from "./handlers/connect.ts";
import { pullDiagnostics } from "./handlers/diagnostics.ts";
import { hover } from "./handlers/hover.ts";
import { inlayHints } from "./handlers/inlay-hints.ts";
import { showStage } from "./handlers/stage.ts";
import { survivors } from "./handlers/survivors.ts";
import { symbols } from "./handlers/symbols.ts";
import { type ConnectResult, requests } from "./protocol.ts";
import type { Session } from "./session.ts";

/**
 * A handler works on the session, once the first configuration is there; where it fails, `answer` has what the editor gets
 * instead.
 */
export function registerRoutes(
  connection: Connection,
  session: Session,
  { answer, request }: Guard,
  ready: Promise<void>,
): void {
  const of =
    <Params, Result>(handle: (session: Session, params: Params, signal: AbortSignal) => Promise<Result>) =>
    async (params: Params, signal: AbortSignal): Promise<Result> => {
      await ready;
      return handle(session, params, signal);
    };

  connection.languages.diagnostics.on(answer("diagnostics", { kind: "full", items: [] }, of(pullDiagnostics)));
  connection.onCodeLens(answer("code lenses", [], of(listCodeLenses)));
  connection.onCodeLensResolve(async (lens, token) => {
    const failed: CodeLens = { ...lens, command: { title: "partitions unknown: an error, see the log", command: "" } };
    return answer("resolving a code lens", failed, of(resolveCodeLens))(lens, token);
  });
  connection.onHover(answer("hover", null, of(hover)));
  connection.onDocumentSymbol(answer("document symbols", [], of(symbols)));
  connection.languages.inlayHint.on(answer("inlay hints", [], of(inlayHints)));
  connection.onCodeAction(answer("code actions", [], of(codeActions)));
  connection.onCodeActionResolve(request("the code action", of(resolveCodeAction)));
  connection.onExecuteCommand(request("the command", of(executeCommand)));

  connection.onRequest(requests.survivors, request("survivors", of(survivors)));
  connection.onRequest(requests.catalog, request("catalog", of(catalog)));
  connection.onRequest(requests.partitionTree, request("the partition tree", of(tree)));
  connection.onRequest(requests.stage, request("the stage", of(showStage)));
  connection.onRequest<ConnectResult, void>(requests.connect, request("connecting", of(connect)));
  connection.onRequest(
    requests.disconnect,
    request("disconnecting", async () => {
      await session.database.disconnect();
      return null;
    }),
  );
}
