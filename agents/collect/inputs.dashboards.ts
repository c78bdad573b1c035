/** Input about dashboards: those of the release, the objectives they should show, and the names of the metrics that exist. */
import { z } from 'zod'
import { CommitSha, Timestamp } from '../../evidence/model/primitives.ts'
import { ReadFile } from './inputs.supply-chain.ts'

export const Dashboards = z.strictObject({
  at: Timestamp,
  head: CommitSha,
  /** Files of the head that are Grafana dashboards, sorted by path. */
  files: z.array(ReadFile).max(100),
  /** Of a Grafana that was asked: the same JSON, named by its uid. Null: the config names none. */
  grafana: z
    .strictObject({
      host: z.string().max(300),
      dashboards: z.array(z.strictObject({ uid: z.string().max(200), text: z.string().max(4_000_000) })).max(200),
      problem: z.string().max(500).nullable(),
    })
    .nullable(),
  /** What an annotation is to say, and where; absent: the config wants none. */
  annotation: z
    .strictObject({
      grafana: z.string().max(500),
      repository: z.string().max(300),
      pull: z.number().int().positive().nullable(),
      /** Of the release branch; null: GitHub named none. */
      version: z.string().max(100).nullable(),
    })
    .optional(),
  /** OpenSLO files of the head: what a release adds is to be seen from its first day. */
  objectives: z.array(ReadFile).max(100),
  /** Every metric that the source of the objectives knows. Sorted; empty with a problem. */
  known: z.strictObject({ source: z.string().max(300), names: z.array(z.string().max(300)).max(50_000), problem: z.string().max(500).nullable() }),
})
export type Dashboards = z.infer<typeof Dashboards>
