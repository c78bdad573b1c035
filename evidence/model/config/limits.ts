/** `budgets` and `targets`: how much may be spent, and how good recovery must be. */
import { z } from 'zod'
import { Duration } from '../primitives.ts'
import { Share } from './names.ts'

const Count = z.number().int().min(0).max(100_000)

export const BudgetsConfig = z.strictObject({
  preview_day_usd: z.number().min(0).max(1_000_000).default(3).describe('Cost of one preview environment a day, in US dollars.'),
  preview_ttl: Duration.default('72h').describe('Life of a preview environment.'),
  max_image_mb: z
    .record(z.string().regex(/^[A-Za-z0-9._/*-]{1,200}$/, 'a service or pattern such as services/*'), z.number().positive().max(100_000))
    .default({})
    .describe('Largest image of each service, in megabytes.'),
  vulnerabilities: z
    .strictObject({
      new_critical: Count.default(0).describe('New critical ones.'),
      new_high: Count.default(0).describe('New high ones.'),
      new_medium: Count.default(5).describe('New medium ones.'),
    })
    .prefault({})
    .describe('Vulnerabilities a release may add over the one before.'),
})

export const TargetsConfig = z.strictObject({
  rto: Duration.default('30m').describe('Longest time to recover.'),
  rpo: Duration.default('5m').describe('Longest span of lost data.'),
  headroom: Share.default(0.2).describe('Spare capacity at peak, as a share.'),
  rollback: Duration.default('5m').describe('Hard limit for a rollback.'),
  drill_max_age: Duration.default('35d').describe('Oldest recovery drill that still counts.'),
  ingest_lag: Duration.default('60s').describe('Longest delay of ingested data.'),
})
