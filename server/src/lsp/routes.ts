/** Which request goes to which handler. */

import type { CodeLens, Connection, ExecuteCommandParams } from "vscode-languageserver/node";
import type { Guard } from "./guard.ts";
import { catalog, tree } from "./handlers/catalog.ts";
import { codeActions, resolveCodeAction } from "./handlers/code-actions.ts";
import { listCodeLenses, resolveCodeLens } from "./handlers/code-lens.ts";
import { executeCommand } from "./handlers/commands.ts";
import { connect } from "./handlers/connect.ts";
import { pullDiagnostics } from "./handlers/diagnostics.ts";
import { guide } from "./handlers/guide.ts";
import { hover } from "./handlers/hover.ts";
import { inlayHints } from "./handlers/inlay-hints.ts";
import { definition, highlights, references, workspaceSymbols } from "./handlers/references.ts";
import { pickSchema, schemaSource } from "./handlers/schema.ts";
import { schemaTree } from "./handlers/schema-tree.ts";
import { showStage } from "./handlers/stage.ts";
import { survivors } from "./handlers/survivors.ts";
import { symbols } from "./handlers/symbols.ts";
import { requireShape, type Shape, shapes } from "./parameters.ts";
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
    <Params, Result>(
      shape: Shape,
      handle: (session: Session, params: Params, signal: AbortSignal) => Promise<Result>,
    ) =>
    async (params: Params, signal: AbortSignal): Promise<Result> => {
      requireShape("the request", params, shape);
      await ready;
      return session.toClient(await handle(session, params, signal));
    };

  connection.languages.diagnostics.on(
    answer("diagnostics", { kind: "full", items: [] }, of(shapes.document, pullDiagnostics)),
  );
  connection.onCodeLens(answer("code lenses", [], of(shapes.document, listCodeLenses)));
  connection.onCodeLensResolve(async (lens, token) => {
    const failed: CodeLens = { ...lens, command: { title: "partitions unknown: an error, see the log", command: "" } };
    return answer("resolving a code lens", failed, of(shapes.lens, resolveCodeLens))(lens, token);
  });
  connection.onHover(answer("hover", null, of(shapes.place, hover)));
  connection.onDocumentSymbol(answer("document symbols", [], of(shapes.document, symbols)));
  connection.onDefinition(answer("the definition", null, of(shapes.place, definition)));
  connection.onReferences(answer("references", [], of(shapes.references, references)));
  connection.onDocumentHighlight(answer("highlights", [], of(shapes.place, highlights)));
  connection.onWorkspaceSymbol(answer("workspace symbols", [], of(shapes.query, workspaceSymbols)));
  connection.languages.inlayHint.on(answer("inlay hints", [], of(shapes.part, inlayHints)));
  connection.onCodeAction(answer("code actions", [], of(shapes.actions, codeActions)));
  connection.onCodeActionResolve(request("the code action", of(shapes.action, resolveCodeAction)));
  connection.onExecuteCommand((params, token, progress) =>
    request(
      "the command",
      of(shapes.command, (_, given: ExecuteCommandParams, signal) => executeCommand(session, given, signal, progress)),
    )(params, token),
  );

  connection.onRequest(requests.survivors, request("survivors", of(shapes.document, survivors)));
  connection.onRequest(requests.catalog, request("catalog", of(shapes.maybePlace, catalog)));
  connection.onRequest(requests.partitionTree, request("the partition tree", of(shapes.document, tree)));
  connection.onRequest(requests.schemaTree, request("the tree of the schema", of(shapes.treePlace, schemaTree)));
  connection.onRequest(requests.schemaSource, request("the schema's source", of(shapes.document, schemaSource)));
  connection.onRequest(requests.pickSchema, request("picking a schema", of(shapes.pick, pickSchema)));
  connection.onRequest(requests.guide, request("the guide", of(shapes.guide, guide)));
  connection.onRequest(requests.stage, request("the stage", of(shapes.stage, showStage)));
  connection.onRequest<ConnectResult, void>(requests.connect, request("connecting", of(shapes.connection, connect)));
  connection.onRequest(
    requests.disconnect,
    request("disconnecting", async () => {
      await session.database.disconnect();
      return null;
    }),
  );
}
