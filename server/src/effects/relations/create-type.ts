/** CREATE TYPE, CREATE DOMAIN and the changes of an enum's labels. */

import {
  type Catalog,
  effectivePath,
  findRelation,
  nameKey,
  relationById,
  schemaMayExist,
  withRelation,
} from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { emptyPartitionSet, withPartition } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import type { Column, Relation } from "../../catalog/relation.ts";
import type { UserFunction } from "../../catalog/routine.ts";
import type { Value } from "../../catalog/value.ts";
import type { AlterEnum, Constraint, CreateType, PlacedStatement } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { defineColumn, typeNamed } from "./column-definition.ts";
import { withoutNamesake } from "./dependencies.ts";
import {
  displayName,
  emptyRelation,
  hasType,
  isAbsent,
  nameTaken,
  originHere,
  relationInTheWay,
  rowTypeInTheWay,
  schemaForNew,
} from "./lookup.ts";
import { refuseInTransaction } from "./outside-transaction.ts";

/** Applies CREATE TYPE, CREATE DOMAIN and ALTER TYPE … VALUE; null for any other statement. */
export function applyTypes(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind === "create-type") return createType(catalog, statement, context);
  return statement.kind === "alter-enum" ? alterEnum(catalog, statement, context) : null;
}

function createType(catalog: Catalog, create: CreateType, context: ApplyContext): Outcome {
  const { name } = create;
  const place = schemaForNew(catalog, name, "permanent");
  if (place.kind === "rejected") return place;
  const { schema } = place;
  const key = nameKey(schema, name.name);
  const { definition } = create;
  // A domain's base is looked up after the domain's name.
  const isDeclared = catalog.types.has(key) && definition.kind === "shell";
  const taken = hasType(catalog, key) || isDeclared || rowTypeInTheWay(catalog, schema, name.name, context) !== null;
  if (taken) {
    // CREATE TYPE with input and output functions completes a type that was declared before.
    if (definition.kind === "other") return applied(catalog);
    const isOpen = catalog.tainted || (definition.kind === "range" && definition.namesMultirange);
    if (isOpen && catalog.types.get(key)?.kind === "unknown") {
      return applied(catalog, `whether type "${name.name}" exists already is not known`);
    }
    const row = findRelation(catalog, { schema, name: name.name });
    const refusal = rejected("name-taken", "42710", `type "${name.name}" already exists`, name.range);
    return row === null || catalog.types.has(key) ? refusal : regarding(refusal, row);
  }
  const register = (type: DataType): Outcome => applied({ ...catalog, types: catalog.types.with(key, type, true) });
  switch (definition.kind) {
    case "enum": {
      const made = register({ kind: "enum", schema, name: name.name, labels: definition.labels });
      return made.kind === "applied" && context.inTransaction
        ? { ...made, catalog: withNewLabel(withoutLabels(made.catalog, key), key) }
        : made;
    }
    case "domain": {
      const base = typeNamed(catalog, definition.base);
      if (base.kind === "rejected") return base;
      if (definition.statesEnforcement && context.version >= 18) {
        const message = "specifying constraint enforceability not supported for domains";
        return rejected("statement-rejected", "42P17", message, name.range);
      }
      return register({
        kind: "domain",
        schema,
        name: name.name,
        base: base.type,
        checks: definition.constraints.flatMap(({ type, expression }) =>
          type === "check" && expression !== null ? [expression] : [],
        ),
        checkNames: checkNames(name.name, definition.constraints),
        ...(definition.constraints.some(({ type }) => type === "not-null") ? { notNull: true } : {}),
        default: definition.constraints.find(({ type }) => type === "default")?.expression,
      });
    }
    case "range": {
      const own: DataType = { kind: "unknown", schema, name: name.name };
      const multirange = name.name.includes("range")
        ? name.name.replace("range", "multirange")
        : `${name.name}_multirange`;
      if (context.version >= 14 && !definition.namesMultirange && catalog.types.has(nameKey(schema, multirange))) {
        return rejected("name-taken", "42710", `type "${multirange}" already exists`, name.range, {
          detail: `Failed while creating a multirange type for type "${name.name}".`,
          hint: 'You can manually specify a multirange type name using the "multirange_type_name" attribute.',
        });
      }
      // Each has constructors of its name.
      const needs = definition.subtype === null ? [] : definition.subtype.names.slice(-1);
      const maker: UserFunction = { volatility: "immutable", returns: null, changesSchema: false, needs };
      const made = {
        types: catalog.types.with(key, own, true),
        functions: catalog.functions.with(name.name, maker, true),
      };
      // A multirange type that is given a name is not kept under it.
      if (definition.namesMultirange) return applied({ ...catalog, ...made, hasUnkeptObjects: true });
      const several: DataType = { kind: "unknown", schema, name: multirange };
      const types = made.types.with(nameKey(schema, multirange), several, true);
      const functions = made.functions.with(multirange, maker, true);
      return applied({ ...catalog, types, functions });
    }
    case "shell":
      return register({ kind: "unknown", schema, name: name.name, shell: true });
    case "other":
      return register({ kind: "unknown", schema, name: name.name });
    case "composite":
      return createComposite(catalog, create, schema, definition.columns, context);
  }
}

function createComposite(
  catalog: Catalog,
  create: CreateType,
  schema: string,
  definitions: Extract<CreateType["definition"], { kind: "composite" }>["columns"],
  context: ApplyContext,
): Outcome {
  const existing = relationInTheWay(catalog, schema, create.name.name);
  if (existing !== null) return nameTaken(create.name.name, create.name.range, existing);
  const columns: Column[] = [];
  for (const definition of definitions) {
    const defined = defineColumn(
      definition,
      {
        catalog,
        context,
        table: create.name.name,
        partitioned: false,
        partition: false,
        typed: false,
        foreign: false,
      },
      null,
    );
    if (defined.kind === "rejected") return defined;
    const { column } = defined.defined;
    if (columns.some((other) => other.name === column.name)) {
      const message = `column "${column.name}" specified more than once`;
      return rejected("statement-rejected", "42701", message, definition.range);
    }
    columns.push(column);
  }
  const relation: Relation = {
    ...emptyRelation(catalog.nextId, schema, create.name.name, "composite-type"),
    columns,
    origin: originHere(context, create.name.range),
  };
  return applied(withRelation(withoutNamesake(catalog, schema, create.name.name), relation));
}

/** Of a transaction that makes more of them it is enough to know the first. */
const mostNewLabels = 1_000;

/** The new labels without those of one enum. */
export function withoutLabels(catalog: Catalog, key: string): Catalog {
  const { newLabels } = catalog;
  if (newLabels === undefined) return catalog;
  return { ...catalog, newLabels: new Set([...newLabels].filter((each) => !each.startsWith(`${key}\0`))) };
}

function withNewLabel(catalog: Catalog, key: string): Catalog {
  const known = catalog.newLabels ?? new Set();
  return known.size >= mostNewLabels ? catalog : { ...catalog, newLabels: new Set([...known, key]) };
}

function alterEnum(catalog: Catalog, alter: AlterEnum, context: ApplyContext): Outcome {
  const { name } = alter;
  const schema = (name.schema === null ? effectivePath(catalog) : [name.schema]).find((candidate) =>
    catalog.types.has(nameKey(candidate, name.name)),
  );
  const refuse = (sqlstate: string, message: string): Refusal =>
    rejected("statement-rejected", sqlstate, message, name.range);
  if (schema === undefined) {
    if (!catalog.complete || catalog.extensions.size > 0 || !isAbsent(catalog, name)) return applied(catalog);
    if (name.schema !== null && !schemaMayExist(catalog, name.schema)) {
      return refuse("3F000", `schema "${name.schema}" does not exist`);
    }
    return refuse("42704", `type "${displayName(name)}" does not exist`);
  }
  const type = catalog.types.get(nameKey(schema, name.name));
  if (type?.kind !== "enum") {
    return type === undefined || type.kind === "unknown"
      ? applied(catalog)
      : refuse("42809", `"${displayName(name)}" is not an enum`);
  }
  const labels = changedLabels(type.labels, alter, refuse);
  if ("kind" in labels) return labels;
  if (labels.length === 0) return applied(catalog);
  const changed = withLabels(catalog, type, labels, alter);
  if (alter.oldLabel !== null || !context.inTransaction) return applied(changed);
  const key = nameKey(schema, name.name);
  const isNewType = catalog.newLabels?.has(key) === true;
  if (context.version < 12 && !isNewType) {
    const refused = refuseInTransaction("ALTER TYPE ... ADD", name.range, context);
    if (refused !== null) return refused;
  }
  // From 17 on those of a type of the same transaction are as good as the type; before 12 there are no others.
  const isUsable = isNewType && (context.version >= 17 || context.version < 12);
  return applied(isUsable ? changed : withNewLabel(changed, `${key}\0${alter.newLabel}`));
}

/** The labels after the change, none where there is nothing to do. */
function changedLabels(
  labels: readonly string[],
  alter: AlterEnum,
  refuse: (sqlstate: string, message: string) => Refusal,
): readonly string[] | Refusal {
  const { oldLabel, newLabel, neighbour } = alter;
  if (oldLabel !== null) {
    if (!labels.includes(oldLabel)) return refuse("22023", `"${oldLabel}" is not an existing enum label`);
    if (labels.includes(newLabel)) return refuse("42710", `enum label "${newLabel}" already exists`);
    return labels.map((label) => (label === oldLabel ? newLabel : label));
  }
  if (labels.includes(newLabel)) {
    return alter.ifNotExists ? [] : refuse("42710", `enum label "${newLabel}" already exists`);
  }
  if (neighbour === null) return [...labels, newLabel];
  const at = labels.indexOf(neighbour);
  if (at < 0) return refuse("22023", `"${neighbour}" is not an existing enum label`);
  return labels.toSpliced(alter.after ? at + 1 : at, 0, newLabel);
}

/** Everything that holds the enum's labels holds the new ones: columns, keys, and the order of values in bounds. */
function withLabels(
  catalog: Catalog,
  type: Extract<DataType, { kind: "enum" }>,
  labels: readonly string[],
  alter: AlterEnum,
): Catalog {
  const changed: DataType = { ...type, labels };
  const change = (other: DataType): DataType => {
    if (other.kind === "array") return { ...other, element: change(other.element) };
    return other.kind === "enum" && other.schema === type.schema && other.name === type.name ? changed : other;
  };
  const changeValue = (value: Value | null): Value | null => {
    if (value?.family !== "enum") return value;
    const label = value.label === alter.oldLabel ? alter.newLabel : value.label;
    return { family: "enum", label, order: labels.indexOf(label) };
  };
  let next: Catalog = { ...catalog, types: catalog.types.with(nameKey(type.schema, type.name), changed, true) };
  for (const relation of catalog.relations.values()) {
    if (!relation.columns.some((column) => change(column.type) !== column.type)) continue;
    const columns = relation.columns.map((column) => ({ ...column, type: change(column.type) }));
    next = withRelation(next, { ...relation, columns });
  }
  for (const relation of [...next.relations.values()]) {
    const key = relation.partitioning?.key;
    if (key?.elements.some((element) => element.type !== null && change(element.type) !== element.type) !== true) {
      continue;
    }
    next = withKeyTypes(next, relation, change, changeValue);
  }
  return next;
}

function withKeyTypes(
  catalog: Catalog,
  relation: Relation,
  change: (type: DataType) => DataType,
  changeValue: (value: Value | null) => Value | null,
): Catalog {
  if (!isPartitioned(relation)) return catalog;
  const key: PartitionKey = {
    ...relation.partitioning.key,
    elements: relation.partitioning.key.elements.map((element) => ({
      ...element,
      type: element.type === null ? null : change(element.type),
    })),
  };
  const isEnum = (index: number): boolean => key.elements[index]?.type?.kind === "enum";
  const changeDatum = (datum: RangeDatum, index: number): RangeDatum => {
    const value = datum.kind === "value" && isEnum(index) ? changeValue(datum.value) : null;
    return value === null ? datum : { kind: "value", value };
  };
  const changeBound = (bound: Bound): Bound => {
    if (bound.kind === "list") return { kind: "list", values: bound.values.map(changeValue) };
    if (bound.kind !== "range") return bound;
    return { kind: "range", lower: bound.lower.map(changeDatum), upper: bound.upper.map(changeDatum) };
  };
  let next = catalog;
  let partitions = emptyPartitionSet(key);
  for (const id of relation.partitioning.partitions.all.keys()) {
    const partition = relationById(next, id);
    if (partition?.partitionOf == null) continue;
    const bound = changeBound(partition.partitionOf.bound);
    next = withRelation(next, { ...partition, partitionOf: { ...partition.partitionOf, bound } });
    partitions = withPartition(partitions, key, bound, id);
  }
  const current = relationById(next, relation.id) ?? relation;
  return withRelation(next, { ...current, partitioning: { key, partitions } });
}

/** The names of a domain's conditions, where at most one has been left to PostgreSQL. */
function checkNames(domain: string, constraints: readonly Constraint[]): readonly string[] | undefined {
  const checks = constraints.filter(({ type, expression }) => type === "check" && expression !== null);
  const given = checks.flatMap(({ name }) => name?.name ?? []);
  const own = `${domain}_check`;
  if (given.length < checks.length - 1 || given.includes(own) || own.length > 63) return undefined;
  return checks.map(({ name }) => name?.name ?? own);
}
