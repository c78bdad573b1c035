/** Inputs about how changes are built and let in: workflows from Git, and the rules of the base branch as GitHub tells them. */
import { z } from 'zod'
import { CommitSha } from '../../evidence/model/primitives.ts'
import { ReadFile } from './inputs.supply-chain.ts'

/** Workflows, and the action.yml of actions. */
export const Workflows = z.strictObject({ head: CommitSha, files: z.array(ReadFile).max(500) })

const Text = z.string().max(500)

export const BranchRule = z.strictObject({
  type: Text,
  ruleset: z.strictObject({ id: z.number().int(), name: Text }),
  requiredChecks: z.array(z.strictObject({ context: Text, app: z.number().int().nullable() })).max(200),
  /** Of a pull-request rule or a merge queue, lower case; null: GitHub's default, all of them. */
  mergeMethods: z.array(Text).max(10).nullable(),
  /** Of a merge queue. */
  grouping: Text.nullable(),
})
export type BranchRule = z.infer<typeof BranchRule>

export const Bypass = z.strictObject({
  ruleset: Text,
  /** null: the token may not see them. */
  actors: z
    .array(z.strictObject({ who: Text, mode: Text }))
    .max(500)
    .nullable(),
})
export type Bypass = z.infer<typeof Bypass>

export const Protection = z.strictObject({
  /** The base branch. */
  base: z.string().max(300),
  /** Why GitHub showed nothing of them; null: it did. */
  unseen: z.string().max(1000).nullable(),
  /** Active rules of every level. */
  rules: z.array(BranchRule).max(1000),
  bypasses: z.array(Bypass).max(200),
  /** Of the repository; what a token that may not see them is not told counts as allowed. */
  mergeMethods: z.array(Text).max(3),
  /** Branch protection of the older kind; null: there is none. */
  classic: z
    .strictObject({ enforcement: Text, checks: z.array(z.strictObject({ context: Text, app: z.number().int().nullable() })).max(200) })
    .nullable(),
})
