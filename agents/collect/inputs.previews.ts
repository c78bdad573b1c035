/** Input about previews: the newest deployment of each preview environment, whether it answers, what a bill says of it, and our comments on the pull request. */
import { z } from 'zod'
import { CommitSha, Finite, Timestamp } from '../../evidence/model/primitives.ts'

const Count = z.number().int().nonnegative()
const Url = z.string().max(2000)

export const Preview = z.strictObject({
  deployment: z.number().int().positive(),
  environment: z.string().min(1).max(255),
  sha: CommitSha,
  ref: z.string().max(300),
  /** Of the environment's first deployment that is still the same preview: what its life counts from. */
  created_at: Timestamp,
  /** Of its newest status; null: GitHub has none. */
  state: z.string().max(40).nullable(),
  /** When it was put to sleep; null: it is awake, or gone. */
  asleep_since: Timestamp.nullable(),
  url: Url.nullable(),
  /** From the deployment's payload; null: it names none. */
  tenant: z.string().max(100).nullable(),
})
export type Preview = z.infer<typeof Preview>

/** What the address of a preview said. `status` null: no answer, and `why` says so. */
const Health = z.strictObject({
  deployment: z.number().int().positive(),
  status: z.number().int().nullable(),
  ms: Finite,
  why: z.string().max(300).nullable(),
})

/** Of a bill: what an environment costs in an hour. */
const Billed = z.strictObject({ environment: z.string().max(255), hour: Finite.nonnegative(), currency: z.string().max(10) })

export const Previews = z.strictObject({
  at: Timestamp,
  head: CommitSha,
  /** Deployments of preview environments that were looked at, whatever became of them. */
  seen: Count,
  /** True: there are more than were looked at. */
  cut: z.boolean(),
  previews: z.array(Preview).max(300),
  health: z.array(Health).max(300),
  /** Null: no bill is named. */
  bill: z.strictObject({ source: z.string().max(300), entries: z.array(Billed).max(2000), problem: z.string().max(500).nullable() }).nullable(),
  /** Comments on the pull request that carry our mark; null: there is no pull request. */
  comments: z
    .array(z.strictObject({ id: z.number().int().positive(), author: z.string().max(100), body: z.string().max(70_000) }))
    .max(50)
    .nullable(),
})
export type Previews = z.infer<typeof Previews>

/** First line of the one comment about previews. */
export const PREVIEWS_MARK = '<!-- release-conductor:previews -->'
