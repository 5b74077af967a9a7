/** What the client can do, read once from its capabilities into plain yes and no. */

import type { ClientCapabilities, InitializeParams } from "vscode-languageserver/node";
import type { InitializationOptions } from "./protocol.ts";

export interface ClientFeatures {
  /** Asks for diagnostics itself; the others are sent them. */
  readonly pullsDiagnostics: boolean;
  readonly refreshesDiagnostics: boolean;
  readonly relatedInformation: boolean;
  readonly codeDescription: boolean;
  readonly diagnosticTags: boolean;
  readonly diagnosticData: boolean;
  /** Asks for a lens's command when the lens is in view; the others get finished lenses. */
  readonly resolvesLenses: boolean;
  readonly refreshesLenses: boolean;
  readonly refreshesInlayHints: boolean;
  readonly markdownHover: boolean;
  /** Renders `<span style>` in Markdown. */
  readonly html: boolean;
  /** Draws `$(icon)` in lens titles and trusted Markdown. */
  readonly icons: boolean;
  readonly hierarchicalSymbols: boolean;
  readonly codeActionLiterals: boolean;
  readonly resolvesCodeActions: boolean;
  /** Takes edits that create files. */
  readonly createsFiles: boolean;
  /** Takes edits with places to fill in. */
  readonly snippetEdits: boolean;
  readonly configuration: boolean;
  readonly registersConfigurationChanges: boolean;
  readonly watchesFiles: boolean;
  readonly workspaceFolders: boolean;
  /** Can be asked for documents of further languages. */
  readonly registersDocuments: boolean;
}

export function readClientFeatures(params: InitializeParams): ClientFeatures {
  const { textDocument, workspace, general }: ClientCapabilities = params.capabilities;
  const diagnostic = textDocument?.diagnostic;
  const published = textDocument?.publishDiagnostics;
  return {
    pullsDiagnostics: diagnostic !== undefined,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    relatedInformation: (diagnostic?.relatedInformation ?? published?.relatedInformation) === true,
    codeDescription: (diagnostic?.codeDescriptionSupport ?? published?.codeDescriptionSupport) === true,
    diagnosticTags: (diagnostic?.tagSupport ?? published?.tagSupport) !== undefined,
    diagnosticData: (diagnostic?.dataSupport ?? published?.dataSupport) === true,
    resolvesLenses: lists(textDocument?.codeLens?.resolveSupport?.properties, "command"),
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
    refreshesInlayHints: workspace?.inlayHint?.refreshSupport === true,
    markdownHover: lists(textDocument?.hover?.contentFormat, "markdown"),
    html: lists(general?.markdown?.allowedTags, "span"),
    icons: readInitializationOptions(params).icons === true,
    hierarchicalSymbols: textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport === true,
    codeActionLiterals: textDocument?.codeAction?.codeActionLiteralSupport !== undefined,
    resolvesCodeActions: lists(textDocument?.codeAction?.resolveSupport?.properties, "edit"),
    createsFiles:
      workspace?.workspaceEdit?.documentChanges === true &&
      workspace.workspaceEdit.resourceOperations?.includes("create") === true,
    snippetEdits:
      workspace?.workspaceEdit?.documentChanges === true && workspace.workspaceEdit.snippetEditSupport === true,
    configuration: workspace?.configuration === true,
    registersConfigurationChanges: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    watchesFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    registersDocuments:
      textDocument?.synchronization?.dynamicRegistration === true &&
      textDocument.codeLens?.dynamicRegistration === true,
  };
}

/** Whatever a client sends here, an object comes out. */
export function readInitializationOptions(params: InitializeParams): InitializationOptions {
  const options: unknown = params.initializationOptions;
  if (typeof options !== "object" || options === null || Array.isArray(options)) return {};
  const { clientCommands, ...others }: InitializationOptions = options;
  return Array.isArray(clientCommands) ? { ...others, clientCommands } : others;
}

/** Clients send anything where a list is wanted. */
function lists(value: unknown, item: string): boolean {
  return Array.isArray(value) && value.includes(item);
}
