// Flyway's placeholders: what its files of settings give them, and statements that are known only with the value.
import { beforeAll, describe, expect, it } from "vitest";
import { defaultSettings } from "../../server/src/config.ts";
import { analysisOptions, emptyWorld } from "../../server/src/ide/analysis.ts";
import { createChain } from "../../server/src/ide/chain.ts";
import { type ConfigurationFile, flywayPlaceholders } from "../../server/src/replay/flyway-placeholders.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const conf = (text: string): ConfigurationFile => ({ name: "flyway.conf", text });
const toml = (text: string, name = "flyway.toml"): ConfigurationFile => ({ name, text });
const valuesOf = (...files: readonly ConfigurationFile[]) => {
  const found = flywayPlaceholders(files);
  return found === null ? null : Object.fromEntries(found.values);
};

describe("the values", () => {
  it("are those of flyway.conf", () => {
    const text =
      "# flyway.placeholders.no=x\r\nflyway.placeholders.schema=app\r\n  flyway.placeholders.From : 2024-01-01  \nflyway.url=jdbc:x\nother.placeholders.a=b";
    expect(valuesOf(conf(text))).toEqual({ schema: "app", from: "2024-01-01" });
  });

  it("are those of flyway.toml, however its tables are written", () => {
    expect(
      valuesOf(toml(`[flyway]\nplaceholders.a = "1"\n[flyway.placeholders]\nb = 'two' # said so\n"c" = "3"`)),
    ).toEqual({
      a: "1",
      b: "two",
      c: "3",
    });
    expect(valuesOf(toml(`flyway.placeholders.d = "4"\n[environments.dev]\nurl = "x"`))).toEqual({ d: "4" });
  });

  it("are not known where they come from outside, are written otherwise, or files disagree", () => {
    const text = `[flyway.placeholders]\na = "\${env.A}"\nb = "tab\\t"\nc = ["x"]\nd = "1"\n[environments.dev.flyway.placeholders]\nd = "2"`;
    expect(valuesOf(toml(text))).toEqual({ a: null, b: null, c: null, d: null });
    expect(valuesOf(toml(`[flyway.placeholders]\na = """\nb = "1"\n"""`))).toEqual({ a: null, b: null });
    const both = [conf("flyway.placeholders.a=1"), toml(`[flyway.placeholders]\na = "2"`)];
    expect(valuesOf(...both)).toEqual({ a: null });
    expect(valuesOf(...both, toml(`[flyway.placeholders]\na = "3"`, "flyway.user.toml"))).toEqual({ a: "3" });
  });

  it("are none where Flyway replaces nothing", () => {
    expect(valuesOf(conf("flyway.placeholders.a=1\nflyway.placeholderReplacement=false"))).toBeNull();
  });
});

describe("a chain", () => {
  const names = (files: Readonly<Record<string, string>>, configuration: readonly ConfigurationFile[]) => {
    const chain = createChain({
      files: Object.entries(files).map(([path, text]) => ({
        file: path,
        path,
        document: parseDocument(text, reading),
      })),
      configuration,
      start: emptyWorld(defaultSettings),
      options: analysisOptions(defaultSettings, 18, "2026-01-01"),
      reading,
      previous: null,
    });
    const steps = chain.world.upTo(chain.forward.length).flatMap((file) => file.steps);
    return {
      relations: [...chain.end().relations.values()].map(({ schema, name }) => `${schema}.${name}`),
      rejected: steps.flatMap(({ rejection }) => rejection?.message ?? []),
      declined: steps.filter(({ declined }) => declined.length > 0).length,
    };
  };
  const files = {
    "V1__a.sql":
      "CREATE SCHEMA ${Schema};\nCREATE TABLE ${schema}.m (d date) PARTITION BY RANGE (d);\nCREATE TABLE ${schema}.m_1 PARTITION OF ${schema}.m FOR VALUES FROM ('${from}') TO ('2025-01-01');",
    "V2__b.sql": "CREATE TABLE app.m_2 PARTITION OF app.m FOR VALUES FROM ('2024-06-01') TO ('2026-01-01');",
  };

  it("is replayed with the values, in names and in strings", () => {
    expect(names(files, [conf("flyway.placeholders.schema=app\nflyway.placeholders.from=2024-01-01")])).toEqual({
      relations: ["app.m", "app.m_1"],
      rejected: ['partition "m_2" would overlap partition "m_1"'],
      declined: 0,
    });
  });

  it("says nothing of what an unknown value decides", () => {
    const { rejected, declined } = names(files, [conf("flyway.placeholders.schema=app")]);
    expect(rejected).toEqual([]);
    expect(declined).toBeGreaterThan(0);
    // A string that is nothing but a placeholder is no constant either.
    const plain = {
      "V1__a.sql":
        "CREATE TABLE m (d date) PARTITION BY RANGE (d);\nCREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('${from}') TO ('2025-01-01');",
    };
    expect(names(plain, []).rejected).toEqual([]);
  });

  it("has other signs round the names where the settings say so", () => {
    const settings = [
      conf("flyway.placeholderPrefix=#[\nflyway.placeholderSuffix=]\nflyway.placeholders.day=2024-01-01"),
    ];
    const text =
      "CREATE TABLE m (d date) PARTITION BY RANGE (d);\nCREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('#[day]') TO ('#[day]');";
    expect(names({ "V1__a.sql": text }, settings).rejected).toEqual([
      'empty range bound specified for partition "m_1"',
    ]);
  });

  it("takes them as they stand where a file or the settings ask for that", () => {
    const text =
      "CREATE TABLE m (d date) PARTITION BY RANGE (d);\nCREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('${from}') TO ('2025-01-01');";
    const refused = ['invalid input syntax for type date: "${from}"'];
    const value = "flyway.placeholders.from=2024-01-01";
    expect(names({ "V1__a.sql": text }, [conf(value)]).rejected).toEqual([]);
    expect(names({ "V1__a.sql": text }, [conf(`${value}\nflyway.placeholderReplacement=false`)]).rejected).toEqual(
      refused,
    );
    const own = { "V1__a.sql": text, "V1__a.sql.conf": "placeholderReplacement=false" };
    expect(names(own, [conf(value)]).rejected).toEqual(refused);
  });
});
