/**
 * What the store needs of a database, and all it gets: PostgreSQL's SQL with `$1` parameters. Two implementations run the same text: `pglite.ts` (one
 * process, a directory) and `postgres.ts` (a server, many processes).
 *
 * A row is what the driver gives: text as string, bytea as Uint8Array, integers as number, bigint as number, bigint or string (read it with
 * {@link integer}). JSON documents are kept as text, because jsonb refuses U+0000 and rewrites numbers, and a hash must see what was written.
 */
export interface Query {
  /** One statement. */
  rows<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** Several statements without parameters. */
  script(text: string): Promise<void>
}

export interface Sql extends Query {
  readonly engine: 'pglite' | 'postgres'
  /** All or nothing, durable when it resolves. Use the given query inside; the outer one would wait for this transaction for ever. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A bigint column as a number; null stays null. */
export function integer(value: unknown): number {
  return Number(value)
}

export function integerOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value)
}
