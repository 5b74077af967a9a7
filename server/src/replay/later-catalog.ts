/** Catalogs around steps that were followed: made of what there was before an edit when somebody asks for them. */

import type { Catalog } from "../catalog/catalog.ts";
import { type Patch, patchedCatalog } from "../catalog/patch.ts";
import { inOnePiece } from "../text/portions.ts";

/** A catalog that was there once, and what it has otherwise now. */
export class LaterCatalog {
  readonly base: Catalog;
  readonly patch: Patch;
  private made: Catalog | null = null;

  constructor(base: Catalog, patch: Patch) {
    this.base = base;
    this.patch = patch;
  }

  get(): Catalog {
    this.made ??= inOnePiece(() => patchedCatalog(this.base, this.patch));
    return this.made;
  }
}

/** A catalog, or what it can be made of. */
export type CatalogSource = Catalog | LaterCatalog;

export function catalogOf(source: CatalogSource): Catalog {
  return source instanceof LaterCatalog ? source.get() : source;
}
