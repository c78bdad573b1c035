/**
 * The small words every other schema is made of.
 * Formats: SHA-256 and Git object names are lower-case hex; times are UTC ISO 8601 with milliseconds; durations read `10m`.
 */
import { z } from 'zod'

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in 64 lower-case hex digits')
export const CommitSha = z.string().regex(/^[0-9a-f]{40}$/, 'a Git commit in 40 lower-case hex digits')
export const Timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a UTC time such as 2026-11-22T18:30:00.000Z')
export const Duration = z.string().regex(/^[1-9]\d*(ms|s|m|h|d)$/, 'a duration such as 90s, 10m, 72h or 35d')
export const Version = z.string().regex(/^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/, 'a version such as v3.0.0')
export const TraceId = z.string().regex(/^[0-9a-f]{32}$/, 'a W3C trace id of 32 hex digits')
export const Finite = z.number().refine(Number.isFinite, 'a finite number')
export const RepositoryName = z.string().regex(/^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/, 'owner/name')

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `10m` -> 600000. The text must satisfy {@link Duration}. */
export function milliseconds(duration: string): number {
  const match = /^([1-9]\d*)(ms|s|m|h|d)$/.exec(Duration.parse(duration))
  return Number(match?.[1]) * MILLISECONDS[match?.[2] as keyof typeof MILLISECONDS]
}

/** Milliseconds since the epoch -> the one textual form of a time. */
export function timestamp(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString()
}
