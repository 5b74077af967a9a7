// The settings: how their sources are weighed, and that the manifest and the README tell the same ones.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { defaultSettings, readSettings, settingDefinitions, settingNames } from "../server/src/config.ts";

const root = join(import.meta.dirname, "..");

it("every default is a value that the setting takes", () => {
  for (const name of settingNames) {
    const { type, default: value } = settingDefinitions[name];
    expect(type.read(value), name).toEqual(value);
  }
});

it("takes the value of the weightiest source", () => {
  const { settings, problems } = readSettings([
    { source: "first", values: { timeZone: "Asia/Tokyo" } },
    { source: "second", values: { timeZone: "Europe/Paris", postgresVersion: 16 } },
  ]);
  expect(problems).toEqual([]);
  expect(settings).toEqual({ ...defaultSettings, timeZone: "Asia/Tokyo", postgresVersion: 16 });
});

it("reads nested objects, dotted names and the prefix alike", () => {
  const read = (values: unknown) => readSettings([{ source: "test", values }]).settings["schema.complete"];
  expect(read({ schema: { complete: true } })).toBe(true);
  expect(read({ "schema.complete": true })).toBe(true);
  expect(read({ partitionLens: { schema: { complete: true } } })).toBe(true);
  expect(read({ "partitionLens.schema.complete": true })).toBe(true);
});

it("a default says nothing where the source states defaults too", () => {
  const { settings } = readSettings([
    { source: "editor", values: { timeZone: "UTC", codeLens: { enabled: false } }, withDefaults: true },
    { source: "partition-lens.json", values: { timeZone: "Europe/Paris", codeLens: { enabled: true } } },
  ]);
  expect(settings.timeZone).toBe("Europe/Paris");
  expect(settings["codeLens.enabled"]).toBe(false);
});

it("reports what it cannot use, and goes on with the next source", () => {
  const { settings, problems } = readSettings([
    { source: "a", values: { postgresVersion: 9, timezone: "UTC", enabled: true, colour: "red" } },
    { source: "b", values: { postgresVersion: "17", rules: { "range-gap": "loud" } } },
  ]);
  expect(settings.postgresVersion).toBe(17);
  expect(problems.map(({ source, message }) => `${source}: ${message}`)).toEqual([
    'a: "postgresVersion" must be "auto" or a number from 10 to 19',
    'a: there is no setting "timezone", but "timeZone"',
    'a: there is no setting "enabled", but "diagnostics.enabled"',
    'a: there is no setting "colour"',
    'b: "rules" must be an object of rule ids, each error, warning, information, hint, off',
  ]);
});

it("refuses a connection that holds a password, without repeating it", () => {
  const connections = [{ name: "shop", host: "localhost", password: "tiger" }];
  const { settings, problems } = readSettings([{ source: "test", values: { connections } }]);
  expect(settings.connections).toEqual([]);
  expect(problems).toHaveLength(1);
  expect(JSON.stringify(problems)).not.toContain("tiger");
});

it("survives whatever stands in a source", () => {
  for (const values of [null, undefined, 1, "x", [], [1], { rules: null }, { schema: 3 }, { "": { "": 1 } }])
    expect(readSettings([{ source: "test", values }]).settings).toEqual(defaultSettings);
});

it("survives sources of any depth", () => {
  const nested = (before: string, after: string): unknown =>
    JSON.parse(`${before.repeat(50_000)}1${after.repeat(50_000)}`);
  const list = nested("[", "]");
  const table = nested('{"a":', "}");
  for (const name of settingNames)
    for (const value of [
      list,
      table,
      [list],
      [table],
      { name: list },
      [{ name: "x", extra: list }],
      [{ name: "x", host: table }],
    ]) {
      const { settings } = readSettings([{ source: "test", values: { [name]: value }, withDefaults: false }]);
      // What is taken is compared and kept as JSON.
      expect(JSON.stringify(settings), name).toBe(JSON.stringify(defaultSettings));
    }
  for (const name of ["partitionLens", "schema", "a", ""]) {
    const values = nested(`{"${name}":`, "}");
    expect(readSettings([{ source: "test", values }]).settings, name).toEqual(defaultSettings);
  }
});

it("counts the mistakes of a source that has many", () => {
  const values = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1]));
  const { settings, problems } = readSettings([
    { source: "first", values: { ...values, timeZone: "Asia/Tokyo" } },
    { source: "second", values: { colour: 1 } },
  ]);
  expect(settings.timeZone).toBe("Asia/Tokyo");
  expect(problems.filter(({ source }) => source === "first")).toHaveLength(21);
  expect(problems[20]?.message).toBe("99980 more settings are not taken");
  expect(problems.at(-1)?.message).toBe('there is no setting "colour"');
});

it("package.json has the same settings, defaults and sentences", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const properties: Record<string, { default: unknown; markdownDescription: string; scope: string }> =
    manifest.contributes.configuration.properties;
  expect(Object.keys(properties)).toEqual(settingNames.map((name) => `partitionLens.${name}`));
  for (const name of settingNames) {
    const { default: value, description, scope } = settingDefinitions[name];
    expect(properties[`partitionLens.${name}`]).toMatchObject({
      default: value,
      markdownDescription: description,
      scope,
    });
  }
  expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual([
    "partitionLens.connection",
    "partitionLens.reconnect",
    "partitionLens.connections",
  ]);
});

it("the README names every setting", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(settingNames.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
