/** What a script says of what hangs on parts: what no statement hands on, and what goes with a part that is dropped. */

import { belongingsOf, type KeptBelonging } from "../catalog/belongings.ts";
import type { Relation } from "../catalog/relation.ts";
import { columnNamed } from "../effects/relations/constraint-shape.ts";
import type { Expression } from "../syntax/expression.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import { identityOf, inWords } from "./belongings.ts";
import { ownerOf } from "./declarative/carry-over.ts";
import type { Division, KnownPart, Part, TableReference } from "./division.ts";
import { boundChecks, handedFor, type Making, type StepContext } from "./part-steps.ts";
import { remadeByAttach } from "./remade-constraints.ts";
import { type WriterContext, writeName } from "./writer.ts";

/** That a part is dropped with what the table that takes its rows in does not have, and with what nobody compares. */
export function lostNote(
  dropped: KnownPart,
  kept: Relation,
  division: Division,
  context: WriterContext,
): readonly string[] {
  const { catalog } = context;
  const lost = lostWith(dropped, kept, division, context);
  const [name, other] = [writeName(catalog, dropped), writeName(catalog, kept)];
  return [
    ...(lost.length === 0 ? [] : [`With ${name} goes what ${other} does not have: ${listed(lost)}.`]),
    `Comments on columns, constraints and indexes of ${name} go with it, and how its columns are stored (SET STORAGE): ${other} keeps its own, and they are not compared.`,
  ];
}

/**
 * Whether the parts have nothing that the whole table has not: what PostgreSQL 19 makes by SPLIT and MERGE is like the table alone,
 * and whatever hangs on a part goes with it.
 */
export function isLikeTable(parts: readonly KnownPart[], division: Division, context: WriterContext): boolean {
  return parts.every((part) => lostWith(part, division.table, division, context).length === 0);
}

/** That a new table does not get what hangs on the one that it is made like, where no statement gives it. */
export function missingNote(made: TableReference, like: Relation, context: StepContext): readonly string[] {
  const { catalog } = context;
  const { missing } = handedFor(made, like, context);
  if (missing.length === 0) return [];
  return [`${writeName(catalog, made)} does not get from ${writeName(catalog, like)}: ${listed(missing)}.`];
}

/** The same of new partitions, which get what the others have alike. */
export function siblingsNote([made]: readonly Part[], making: Making, context: StepContext): readonly string[] {
  if (made === undefined) return [];
  const { table } = context.division;
  const { missing, secured } = handedFor(made, table, context, making);
  if (missing.length === 0) return [];
  const isHidden = secured.length > 0 && missing.some((each) => each.startsWith("the policy "));
  return [
    `New partitions do not get what hangs on the others of ${writeName(context.catalog, table)}: ${listed(missing)}.`,
    ...(isHidden ? ["Row level security is on there too: what no policy lets pass only their owner sees."] : []),
  ];
}

/** That ATTACH makes constraints anew in what it attaches, and while who waits. */
export function remadeNote({ table, scheme }: Division, what: string, { catalog }: WriterContext): readonly string[] {
  const names =
    scheme === "declarative" ? remadeByAttach(table, table, catalog).map(({ name }) => quoteIdentifier(name)) : [];
  if (names.length === 0) return [];
  return [
    `ATTACH makes ${listed(names)} anew in ${what} while others wait, for PostgreSQL takes no index for that of such a constraint: the one that is there is dropped before, and a comment on it goes.`,
  ];
}

/** That whoever subscribes to a publication has to know the new tables. */
export function publicationNote(belongings: readonly KeptBelonging[]): readonly string[] {
  const names = belongings.flatMap(({ kind, name }) => (kind === "publication" ? [name] : []));
  if (names.length === 0) return [];
  return [
    `New partitions join ${[...new Set(names)].map(quoteIdentifier).join(", ")}: make them at the subscribers too, and REFRESH PUBLICATION there.`,
  ];
}

/** That rows are published twice: the copy is a table like others. */
export const publishedNote =
  "A publication FOR ALL TABLES, or of the schema, publishes the copy too: subscribers need its tables, or the publication leaves them out.";

/** That who took his snapshot before the switch does not see what was copied after that. */
export function snapshotNote(name: string): string {
  return `A transaction in REPEATABLE READ or SERIALIZABLE that has begun before the switch, and reads ${name} only after it, misses rows that were copied since, or all of them: let none run across it.`;
}

/** That what is tied to a table by its identity would stay with it, and keeps the script from being run. */
export function identityNote(name: string, left: string): string {
  return `Views, policies and rules of other tables, SQL bodies of functions (BEGIN ATOMIC) and whatever uses ${name}'s row type would go on with ${left}: where there are any, the script stops before anything has changed places, and names them. Drop those first, and create them again afterwards.`;
}

/** What is read nowhere and so goes on with the table that was there: security labels, and what a column's own sequence has been granted. */
export function unreadNote(name: string, left: string, { columns }: Relation): string {
  const identities = columns.flatMap((column) => (column.identity === null ? [] : quoteIdentifier(column.name)));
  const granted =
    identities.length === 0 ? "" : `; privileges on the sequence of ${listed(identities)} have to be granted again`;
  return `Security labels and subscriptions that write to ${name} stay with ${left}${granted}.`;
}

/** LIKE copies extended statistics, and calls them otherwise; what ALTER STATISTICS has said of them it does not copy. */
export function statisticsNote(tables: readonly Relation[], { catalog }: WriterContext): readonly string[] {
  const names = tables.flatMap((table) =>
    belongingsOf(catalog, table).flatMap(({ kind, name }) => (kind === "statistics" ? [quoteIdentifier(name)] : [])),
  );
  return names.length === 0
    ? []
    : [
        `Copies of extended statistics get names of PostgreSQL's own (ALTER STATISTICS … RENAME TO), and its default target (SET STATISTICS): ${listed([...new Set(names)])}.`,
      ];
}

/** That a database has more of such things than was read. */
export function cutNote({ catalog }: WriterContext): readonly string[] {
  return catalog.belongingsCut === true
    ? [
        "More hangs on the tables of this database than is read: compare privileges, comments, settings and publications of the new partitions with those of the others.",
      ]
    : [];
}

/** Names of others are text, and only so many. */
export function listed(items: readonly string[]): string {
  const shown = items.slice(0, mostListed);
  return `${shown.join(", ")}${items.length > shown.length ? `, and ${items.length - shown.length} more` : ""}`;
}

/** More are counted, not named: a comment is to be read. */
const mostListed = 20;

/** In words, indexes and constraints too. */
function lostWith(dropped: KnownPart, kept: Relation, division: Division, context: WriterContext): readonly string[] {
  const { catalog } = context;
  const { relation } = dropped;
  const there = new Set(belongingsOf(catalog, kept).map(identityOf));
  const indexes = indexesOf(kept, context);
  const constraints = new Set(kept.constraints.map(({ type, text, columns }) => `${type} ${text} ${columns.join()}`));
  const bounds = boundChecks(dropped, division);
  const own = relation.constraints.filter(
    ({ type, text, columns, name }) =>
      type !== "not-null" && !bounds.includes(name) && !constraints.has(`${type} ${text} ${columns.join()}`),
  );
  const defaults = relation.columns.filter(({ name, generated, default: value, hasDefault }) => {
    const other = columnNamed(kept, name);
    if (generated !== null || other === null) return false;
    return hasDefault !== other.hasDefault || textOf(value) !== textOf(other.default);
  });
  const stricter = relation.columns.filter(
    ({ name, notNull }) => notNull && columnNamed(kept, name)?.notNull === false,
  );
  const [owner, keptOwner] = [ownerOf(relation, catalog), ownerOf(kept, catalog)];
  return [
    ...belongingsOf(catalog, relation)
      // Equal statistics have another name there.
      .filter((each) => each.kind === "statistics" || !there.has(identityOf(each)))
      .map(inWords),
    ...relation.rules.filter((rule) => !kept.rules.includes(rule)).map((rule) => `the rule ${rule}`),
    ...indexesOf(relation, context)
      .filter(({ text }) => !indexes.some((each) => each.text === text))
      .map(({ name }) => `the index ${name}`),
    ...own.map(({ name }) => `the constraint ${name}`),
    ...defaults.map(({ name }) => `the default of ${name}`),
    ...stricter.map(({ name }) => `NOT NULL of ${name}`),
    ...(owner === keptOwner || owner === null ? [] : [`its owner ${owner}`]),
  ];
}

/** Where it stands is no part of what it says. */
function textOf(expression: Expression | undefined): string {
  return JSON.stringify(expression, (key, value) => (key === "range" ? undefined : value)) ?? "";
}

function indexesOf(
  { indexes }: Relation,
  { catalog }: WriterContext,
): readonly { readonly name: string; readonly text: string }[] {
  return indexes.flatMap((id) => {
    const relation = catalog.relations.get(id);
    return relation === undefined || relation.index === null
      ? []
      : [{ name: relation.name, text: relation.index.text }];
  });
}
