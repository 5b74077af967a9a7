// The extension as VS Code sees it: present, activated by an SQL file, and quiet.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { eventually, openSample } from "./workspace.ts";

describe("the extension", () => {
  const extension = () => vscode.extensions.all.find(({ id }) => id.endsWith(".partition-lens"));

  it("is installed", () => assert.ok(extension()));

  it("becomes active when an SQL file is opened", async () => {
    await openSample("access_logs.sql");
    await eventually("activation", () => extension()?.isActive);
  });

  it("offers every command that its manifest promises", async () => {
    const manifest = extension()?.packageJSON as { contributes?: { commands?: { command: string }[] } };
    const promised = (manifest.contributes?.commands ?? []).map(({ command }) => command);
    const offered = await vscode.commands.getCommands(true);
    assert.deepEqual(
      promised.filter((command) => !offered.includes(command)),
      [],
    );
  });
});
