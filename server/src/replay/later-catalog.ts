/** Catalogs that are made when somebody asks for them, of another one and what they have otherwise. */

import type { Catalog } from "../catalog/catalog.ts";
import { type CatalogChanges, changesSince, withChanges } from "../catalog/catalog-changes.ts";
import { type Patch, patchedCatalog } from "../catalog/patch.ts";
import { createLastMade } from "../text/last-made.ts";
import { inOnePiece } from "../text/portions.ts";

/** A catalog, or what it can be made of. */
export type CatalogSource = Catalog | DeferredCatalog;

/** What a catalog can be made of. Two are told apart as objects. */
abstract class DeferredCatalog {
  abstract get(): Catalog;
}

/** Around a step that was followed: a catalog that was there once, and what it has otherwise now. */
export class LaterCatalog extends DeferredCatalog {
  private readonly base: CatalogSource;
  private readonly patch: Patch;
  private made: Catalog | null = null;

  constructor(base: CatalogSource, patch: Patch) {
    super();
    this.base = base;
    this.patch = patch;
  }

  get(): Catalog {
    this.made ??= inOnePiece(() => patchedCatalog(catalogOf(this.base), this.patch));
    return this.made;
  }
}

/** So many are made one of the other; the next one is kept. */
const longestChain = 64;

/**
 * Behind a statement: the catalog in front of it, and what the statement has changed. The path from the root of each map to a changed
 * entry, which a catalog has for itself, is many times what a statement changes, and of most catalogs nobody asks for it again.
 * The values are the very same whenever it is made.
 */
export class BetweenCatalog extends DeferredCatalog {
  private front: CatalogSource;
  private changes: CatalogChanges;
  /** How many are made before this one, where none is at hand. */
  private readonly depth: number;
  private made: Catalog | null;
  /** The catalog in front of it of which that was made. */
  private madeOf: Catalog | null;
  private isPinned = false;
  /** Where it stands among those that were made last. */
  private slot = -1;

  private constructor(front: CatalogSource, changes: CatalogChanges, before: Catalog, after: Catalog) {
    super();
    this.front = front;
    this.changes = changes;
    this.depth = front instanceof BetweenCatalog && !front.isPinned ? front.depth + 1 : 0;
    this.slot = keepForNow(this);
    this.made = after;
    this.madeOf = before;
  }

  /** What the catalog behind a statement is to be kept as; the catalog itself where that takes no more. `front` is what `before` is made of. */
  static between(front: CatalogSource, before: Catalog, after: Catalog): CatalogSource {
    if (before === after) return front;
    if (front instanceof BetweenCatalog && front.depth >= longestChain && !front.isPinned) return after;
    const changes = changesSince(before, after);
    return changes === null ? after : new BetweenCatalog(front, changes, before, after);
  }

  get(): Catalog {
    if (!this.isMade()) {
      // From the one that is at hand on, without recursion.
      const unmade: BetweenCatalog[] = [this];
      let { front } = this;
      for (; front instanceof BetweenCatalog && !front.isMade(); front = front.front) unmade.push(front);
      let catalog = catalogOf(front);
      for (const each of unmade.reverse()) {
        // First: it may be the one that is forgotten for it.
        each.slot = keepForNow(each);
        each.madeOf = catalog;
        catalog = withChanges(catalog, each.changes);
        each.made = catalog;
      }
    }
    return this.made as Catalog;
  }

  /** Whether it is at hand, and has in common with the one in front of it, where that is, what the statement has not changed. */
  private isMade(): boolean {
    const { front } = this;
    if (this.made === null) return false;
    return !(front instanceof BetweenCatalog) || front.made === null || front.made === this.madeOf;
  }

  /** From here on it is the same object, for those who know catalogs by that. */
  pin(): Catalog {
    const catalog = this.get();
    [this.isPinned, this.front, this.changes, this.madeOf] = [true, catalog, [], null];
    return catalog;
  }

  /** Forgets what was made when it came to stand in that slot, which can be made again. */
  forget(slot: number): void {
    if (!this.isPinned && this.slot === slot) [this.made, this.madeOf] = [null, null];
  }
}

const keepForNow = createLastMade<BetweenCatalog>();

/** The same, which is the same object whenever it is asked for. */
export function keptCatalogOf(source: CatalogSource): Catalog {
  return source instanceof BetweenCatalog ? source.pin() : catalogOf(source);
}

export function catalogOf(source: CatalogSource): Catalog {
  return source instanceof DeferredCatalog ? source.get() : source;
}
