/** Connect…, Disconnect, and the choice of a source from the status bar. */

import * as vscode from "vscode";
import {
  type ConnectParams,
  type ConnectResult,
  commands,
  type RefreshResult,
  requests,
} from "../../../server/src/lsp/protocol.ts";
import { logText, notificationText, titleText } from "../../../server/src/text/foreign-text.ts";
import type { CommandContext } from "../command-table.ts";
import { environmentConnection } from "../connection/discover.ts";
import { type ConnectionProfile, readConnectionString } from "../connection/profile.ts";
import { configuredProfiles, preferredConnection } from "../settings.ts";
import { schemaItems } from "./pick-schema.ts";

interface ProfileItem extends vscode.QuickPickItem {
  readonly profile: ConnectionProfile | null;
}

/** Asks which database, and for a password only where the server wants one. Answers what came of it, null when given up. */
export async function connect(context: CommandContext, given?: unknown): Promise<ConnectResult | null> {
  if (!vscode.workspace.isTrusted) {
    await vscode.window.showWarningMessage("Partition Lens connects only in trusted workspaces.");
    return null;
  }
  const chosen = typeof given === "string" ? given : await chooseProfile(context);
  if (chosen === null) return null;
  if (typeof chosen !== "string") return open(context, chosen, await context.profiles.password(chosen));
  const read = readConnectionString(chosen);
  if (!read.ok) {
    void vscode.window.showErrorMessage(notificationText(read.message));
    return null;
  }
  return open(context, read.profile, read.password ?? (await context.profiles.password(read.profile)));
}

export async function disconnect({ server }: CommandContext): Promise<void> {
  await server.request(requests.disconnect);
}

/** Has the schema of the connected database read again: it is looked at now and then by itself, and here at once. */
export async function refreshCatalog(context: CommandContext): Promise<RefreshResult> {
  const { server, log } = context;
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "Reading the schema" },
    () => server.execute<RefreshResult>(commands.refreshCatalog, null),
  );
  if (result.ok) {
    vscode.window.setStatusBarMessage(`$(check) ${titleText(result.name)}: ${result.relations} relations read`, 5_000);
    return result;
  }
  log.error(logText(`the schema was not read: ${result.message}`));
  void vscode.window
    .showErrorMessage(notificationText(`The schema was not read: ${result.message}.`), "Connect…", "Show Log")
    .then((answer) => {
      if (answer === "Connect…") return connect(context);
      if (answer === "Show Log") log.show(true);
      return undefined;
    });
  return result;
}

export async function forgetPassword({ profiles }: CommandContext): Promise<void> {
  const known = [...configuredProfiles(), ...profiles.recent()];
  const picked = await vscode.window.showQuickPick(
    known.map((profile) => ({ label: titleText(profile.name), profile })),
    { title: "Forget the Password of a Connection" },
  );
  if (picked !== undefined) await profiles.forgetPassword(picked.profile);
}

/** What the status bar item opens. */
export async function selectSource(context: CommandContext): Promise<void> {
  const items: readonly (vscode.QuickPickItem & { readonly run: () => unknown })[] = [
    ...(await schemaItems(context)),
    {
      label: "$(database) Connect…",
      description: "read-only: EXPLAIN and catalog queries, nothing else",
      run: () => connect(context),
    },
    {
      label: "$(refresh) Refresh Catalog",
      description: "read the connected database's schema again",
      run: () => refreshCatalog(context),
    },
    {
      label: "$(debug-disconnect) Disconnect",
      description: "back to the embedded PostgreSQL",
      run: () => disconnect(context),
    },
    { label: "$(output) Show Log", run: () => context.log.show(true) },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: "Where Verdicts Come From" });
  await picked?.run();
}

async function open(
  context: CommandContext,
  profile: ConnectionProfile,
  password: string | null,
): Promise<ConnectResult | null> {
  const result = await tryToConnect(context, profile, password);
  if (result.ok) {
    await context.profiles.remember(profile, password);
    return result;
  }
  if (result.kind === "authentication") {
    const typed = await vscode.window.showInputBox({
      title: titleText(`Password for ${profile.name}`),
      prompt: notificationText(result.message),
      password: true,
      ignoreFocusOut: true,
    });
    if (typed === undefined) return null;
    const second = await tryToConnect(context, profile, typed);
    if (second.ok) await context.profiles.remember(profile, typed);
    else reportFailure(context, profile, second.message);
    return second;
  }
  reportFailure(context, profile, result.message);
  return result;
}

function tryToConnect(
  { server }: CommandContext,
  { name, connectionString }: ConnectionProfile,
  password: string | null,
): Thenable<ConnectResult> {
  const params: ConnectParams = { name, connectionString, ...(password !== null && { password }) };
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: titleText(`Connecting to ${name}`) },
    () => server.request<ConnectResult>(requests.connect, params),
  );
}

/** A toast is in place here: it answers the command that somebody has just given. */
function reportFailure({ log }: CommandContext, { name }: ConnectionProfile, message: string): void {
  log.error(logText(`${name}: ${message}`));
  void vscode.window
    .showErrorMessage(notificationText(`Not connected to ${name}: ${message}`), "Show Log")
    .then((answer) => {
      if (answer === "Show Log") log.show(true);
    });
}

async function chooseProfile({ profiles }: CommandContext): Promise<ConnectionProfile | string | null> {
  const environment = environmentConnection(process.env);
  const configured = configuredProfiles();
  const recent = profiles.recent().filter(({ name }) => !configured.some((profile) => profile.name === name));
  const preferred = preferredConnection();
  const items: ProfileItem[] = [
    ...configured
      .toSorted((a, b) => Number(b.name === preferred) - Number(a.name === preferred))
      .map((profile) => profileItem(profile, "settings")),
    ...recent
      .filter(({ connectionString }) => connectionString !== null)
      .map((profile) => profileItem(profile, "recent")),
    ...(environment === null ? [] : [profileItem(environment.profile, environment.description)]),
    { label: "$(edit) Enter a connection string…", profile: null },
  ];
  const only = items.length === 1 ? items[0] : undefined;
  const picked =
    only ??
    (await vscode.window.showQuickPick(items, { title: "Connect Read-Only to PostgreSQL", matchOnDescription: true }));
  if (picked === undefined) return null;
  return picked.profile ?? (await typeConnectionString());
}

function profileItem(profile: ConnectionProfile, description: string): ProfileItem {
  return { label: `$(database) ${titleText(profile.name)}`, description: titleText(description), profile };
}

async function typeConnectionString(): Promise<string | null> {
  const typed = await vscode.window.showInputBox({
    title: "Connect Read-Only to PostgreSQL",
    prompt: "A URI, or words such as host=localhost dbname=shop. A password goes to the editor's secret storage.",
    placeHolder: "postgres://user@localhost:5432/database",
    ignoreFocusOut: true,
    validateInput: (text) => {
      const read = readConnectionString(text);
      return text === "" || read.ok ? null : notificationText(read.message);
    },
  });
  return typed ?? null;
}
