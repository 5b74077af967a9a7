/** What a prediction rests on, in a few words: this file, others of its chain, the schema of a connected database. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { partIdsOf } from "../catalog/layout.ts";
import type { RelationVerdict, VerdictSource } from "../pruning/verdict.ts";
import type { Step } from "../replay/step.ts";

/** So many partitions are asked where they come from: the others come from where these do. */
const mostAsked = 500;

/** What is said behind a verdict: of a prediction whose tables it rests on, of others who has given it; null for a live database. */
export function sourceNoteOf(
  { before }: Step,
  file: string,
  noteOf: (source: VerdictSource) => string | null,
): (verdict: Pick<RelationVerdict, "source" | "basis" | "relationId">) => string | null {
  return (verdict) => (verdict.source === "predicted" ? predictedFrom(before, verdict, file) : noteOf(verdict.source));
}

function predictedFrom(
  catalog: Catalog,
  { relationId, basis }: Pick<RelationVerdict, "relationId" | "basis">,
  file: string,
): string {
  if (basis === "database") return "predicted from the database's schema";
  const relation = relationId === null ? null : relationById(catalog, relationId);
  if (relation === null) return "predicted";
  const relations = [
    relation,
    ...partIdsOf(relation)
      .slice(0, mostAsked)
      .flatMap((part) => relationById(catalog, part) ?? []),
  ];
  const origins = relations.flatMap(({ origin, partitionOf }) => [
    origin,
    ...(partitionOf === null ? [] : [partitionOf.origin]),
  ]);
  const files = new Set(origins.flatMap((origin) => (origin.kind === "statement" ? [origin.file] : [])));
  if (origins.some(({ kind }) => kind === "database"))
    return files.size === 0 ? "predicted from the database's schema" : "predicted from the database's schema and files";
  const [first] = files;
  if (files.size === 1 && first !== undefined) return first === file ? "from this file" : `from ${nameOf(first)}`;
  if (files.size === 0) return "predicted";
  return files.has(file) ? `from this file and ${files.size - 1} more` : `from ${files.size} files`;
}

function nameOf(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
