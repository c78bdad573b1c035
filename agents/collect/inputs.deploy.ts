/** Inputs about where and how a release runs. */
import { z } from 'zod'
import { CommitSha } from '../../evidence/model/primitives.ts'
import { ReadFile } from './inputs.supply-chain.ts'

const ManifestFile = ReadFile.extend({ kind: z.enum(['kubernetes', 'terraform', 'pgbouncer', 'chart', 'configuration']) })
export type ManifestFile = z.infer<typeof ManifestFile>

export const Manifests = z.strictObject({
  head: CommitSha,
  /** Chart.yaml of each Helm chart, which is among the files too: what lies in its templates/ is no manifest before it is rendered. */
  charts: z.array(z.string().max(4096)).max(500),
  files: z.array(ManifestFile).max(1000),
})
