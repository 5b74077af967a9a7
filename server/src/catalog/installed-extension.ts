/** An extension of the database: which version of it, and where its functions and tables are. */

export interface InstalledExtension {
  /** null where it is not known. */
  readonly version: string | null;
  /** The schema that its functions and tables are in; null where it is not known. */
  readonly schema: string | null;
}

/** One that the script has dropped, and where it was; null where that is not known. */
export interface DroppedExtension {
  readonly name: string;
  readonly schema: string | null;
}
