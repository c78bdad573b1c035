/** Input about what was decided, and why. */
import { z } from 'zod'
import { CommitSha } from '../../evidence/model/primitives.ts'
import { ReadFile } from './inputs.supply-chain.ts'

/** Architecture decision records, sorted by path. */
export const Decisions = z.strictObject({ head: CommitSha, files: z.array(ReadFile).max(2000) })
