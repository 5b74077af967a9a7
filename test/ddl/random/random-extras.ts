/** What hangs on random tables and their parts: indexes, constraints, keys both ways, triggers, privileges, comments, and the like. */

import { quoteIdentifier } from "../../../server/src/syntax/names.ts";
import type { Random } from "../../truth/generator/random.ts";
import type { BareTable, World } from "./random-table.ts";

export interface Extras {
  readonly statements: readonly string[];
  /** What is inserted once the table has its rows. */
  readonly rows: readonly string[];
  /** Tables that these have made. */
  readonly tables: readonly string[];
}

interface Extra {
  readonly statements: readonly string[];
  readonly rows?: readonly string[];
  readonly tables?: readonly string[];
}

/** A few of them, in any order. */
export function extrasOf(random: Random, world: World, table: BareTable): Extras {
  const chosen = random.shuffled(random.sample(possible(random, world, table), random.int(0, 9)));
  // Owners change last, for whoever owns a table alone may do more to it.
  const extras = [...chosen.filter(({ last }) => last !== true), ...chosen.filter(({ last }) => last === true)];
  return {
    statements: extras.flatMap(({ statements }) => statements),
    rows: extras.flatMap(({ rows = [] }) => rows),
    tables: extras.flatMap(({ tables = [] }) => tables),
  };
}

function possible(random: Random, world: World, table: BareTable): readonly (Extra & { readonly last?: true })[] {
  const { columns, key, parts, hasPrimaryKey, scheme, name } = table;
  const { role, major, schema } = world;
  const t = quoteIdentifier(name);
  const one = parts.length === 0 ? null : random.pick(parts);
  const p = one === null ? null : quoteIdentifier(one.name);
  const keys = key.map((each) => quoteIdentifier(each.name)).join(", ");
  const has = (column: string): boolean => columns.some((each) => each.name === column);
  const only = (condition: boolean, ...statements: readonly string[]): readonly Extra[] =>
    condition ? [{ statements }] : [];
  const onPart = (...statements: readonly string[]): readonly Extra[] => only(p !== null, ...statements);
  const trigger = "LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$";
  const keyTypes = key.map((each) => `${quoteIdentifier(each.name)} ${each.type.sql}`).join(", ");
  const mentions = (of: string, target: string, terms: string): Extra => ({
    statements: [
      `CREATE TABLE ${of} (id bigint, ${keyTypes}, CONSTRAINT ${of}_fk FOREIGN KEY (id, ${keys}) REFERENCES ${target}${terms})`,
    ],
    rows: [`INSERT INTO ${of} SELECT id, ${keys} FROM ${target} ORDER BY id LIMIT 3`],
    tables: [of],
  });
  return [
    ...only(true, `CREATE INDEX ON ${t} (${keys}, id DESC)`),
    ...only(has("note"), `CREATE INDEX "by note" ON ${t} (lower(note)) WHERE note <> 'z'`),
    ...only(true, `CREATE UNIQUE INDEX ${schema}_unique ON ${t} (${keys}, id)`),
    ...only(has("amount"), `CREATE INDEX ON ${t} USING brin (amount)`),
    ...onPart(`CREATE INDEX own_index ON ${p} (id) INCLUDE (${keys}) WITH (fillfactor = 80)`),
    ...onPart(`CREATE UNIQUE INDEX ON ${p} (id)`),
    ...onPart(`ALTER TABLE ${p} ADD CONSTRAINT own_unique UNIQUE (id) DEFERRABLE`),
    ...only(true, `ALTER TABLE ${t} ADD CONSTRAINT positive CHECK (id > 0)`),
    ...only(true, `ALTER TABLE ${t} ADD CONSTRAINT unchecked CHECK (id < 1000000000) NOT VALID`),
    ...onPart(`ALTER TABLE ${p} ADD CONSTRAINT own_check CHECK (id > -5)`),
    ...onPart(`ALTER TABLE ${p} ADD CONSTRAINT own_unchecked CHECK (id > -6) NOT VALID`),
    ...only(
      has("kind"),
      `ALTER TABLE ${t} ADD CONSTRAINT to_kind FOREIGN KEY (kind) REFERENCES kinds ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE`,
    ),
    ...only(has("kind") && p !== null, `ALTER TABLE ${p} ADD CONSTRAINT own_kind FOREIGN KEY (kind) REFERENCES kinds`),
    ...(hasPrimaryKey
      ? [
          mentions("mentions", t, " ON DELETE CASCADE"),
          mentions("more_mentions", t, " MATCH FULL DEFERRABLE INITIALLY DEFERRED"),
        ]
      : []),
    ...(hasPrimaryKey && p !== null && random.chance(0.3) ? [mentions("part_mentions", p, "")] : []),
    ...only(
      hasPrimaryKey && random.chance(0.3),
      ...[...key.map((each) => `ALTER TABLE ${t} ADD COLUMN ${quoteIdentifier(`up ${each.name}`)} ${each.type.sql}`)],
      `ALTER TABLE ${t} ADD COLUMN up bigint`,
      `ALTER TABLE ${t} ADD CONSTRAINT to_itself FOREIGN KEY (up, ${key.map((each) => quoteIdentifier(`up ${each.name}`)).join(", ")}) REFERENCES ${t}`,
    ),
    ...only(has("note"), `ALTER TABLE ${t} ALTER note SET STORAGE EXTERNAL`),
    ...onPart(`ALTER TABLE ${p} ALTER id SET STATISTICS 500`),
    ...only(has("amount"), `ALTER TABLE ${p ?? t} ALTER amount SET DEFAULT 5`),
    ...only(has("Tags") && p !== null, `ALTER TABLE ${p} ALTER "Tags" SET NOT NULL`),
    ...onPart(`CREATE STATISTICS own_statistics (ndistinct) ON id, ${keys} FROM ${p}`),
    ...onPart(`ALTER TABLE ${p} REPLICA IDENTITY FULL`),
    ...(table.notNull
      ? onPart(
          `CREATE UNIQUE INDEX own_identity ON ${p} (${keys}, id)`,
          `ALTER TABLE ${p} REPLICA IDENTITY USING INDEX own_identity, CLUSTER ON own_identity`,
        )
      : []),
    ...only(hasPrimaryKey, `ALTER TABLE ${t} REPLICA IDENTITY FULL`),
    ...only(true, `COMMENT ON TABLE ${t} IS 'all of it'`, `COMMENT ON COLUMN ${t}.id IS 'its number'`),
    ...onPart(`COMMENT ON TABLE ${p} IS 'it''s a part'`, `COMMENT ON COLUMN ${p}.id IS 'the number in it'`),
    ...only(true, `GRANT SELECT, UPDATE (id) ON ${t} TO ${role}`),
    ...onPart(`GRANT SELECT, INSERT ON ${p} TO ${role} WITH GRANT OPTION`),
    ...onPart(`GRANT SELECT (id) ON ${p} TO PUBLIC`),
    {
      statements: [name, ...parts.map((part) => part.name)].map(
        (each) => `ALTER TABLE ${quoteIdentifier(each)} OWNER TO ${role}`,
      ),
      last: true,
    },
    ...only(
      true,
      `CREATE FUNCTION goes_on() RETURNS trigger ${trigger}`,
      `CREATE TRIGGER on_all AFTER INSERT OR UPDATE ON ${t} FOR EACH ROW EXECUTE FUNCTION goes_on()`,
      `CREATE TRIGGER on_statement AFTER DELETE ON ${t} EXECUTE FUNCTION goes_on()`,
    ),
    ...onPart(
      `CREATE FUNCTION goes_on_here() RETURNS trigger ${trigger}`,
      `CREATE TRIGGER on_part BEFORE UPDATE OF id ON ${p} FOR EACH ROW WHEN (OLD.id > 0) EXECUTE FUNCTION goes_on_here()`,
      ...(random.chance(0.5) ? [`ALTER TABLE ${p} DISABLE TRIGGER on_part`] : []),
    ),
    ...only(true, `ALTER TABLE ${t} ENABLE ROW LEVEL SECURITY`, `CREATE POLICY sees ON ${t} FOR SELECT USING (id > 0)`),
    ...onPart(
      `ALTER TABLE ${p} ENABLE ROW LEVEL SECURITY`,
      `CREATE POLICY own_policy ON ${p} TO ${role} USING (id > 1) WITH CHECK (id > 0)`,
    ),
    ...onPart(`CREATE PUBLICATION ${schema}_of_part FOR TABLE ${p}`),
    ...only(scheme !== "declarative" || major >= 13, `CREATE PUBLICATION ${schema}_of_all FOR TABLE ${t}`),
    ...onPart(`ALTER TABLE ${p} SET (fillfactor = 70, autovacuum_enabled = false)`),
    ...(random.chance(0.25) ? only(true, `CREATE VIEW seen AS SELECT id, ${keys} FROM ${t}`) : []),
    ...(random.chance(0.25) ? onPart(`CREATE VIEW seen_part AS SELECT id FROM ${p}`) : []),
  ];
}
