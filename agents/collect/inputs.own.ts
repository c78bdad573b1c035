/** What an agent of the adopter's own was asked, and what came back, word for word: the record its response is made from, now and in a replay. */
import { z } from 'zod'
import { OWN_ANSWER_BYTES } from '../../evidence/model/own-answer.ts'
import { GateId } from '../../evidence/model/phases.ts'
import { CommitSha, Sha256 } from '../../evidence/model/primitives.ts'
import { AgentRequest } from '../../evidence/model/request.ts'
import { Topic } from '../../evidence/model/kinds.ts'

export const OwnRecord = z.strictObject({
  name: z.string().min(1).max(61),
  topic: Topic,
  feeds: z.array(GateId).max(19),
  /** The command, or the address. */
  asked: z.string().max(30_000),
  /** Commit of the base branch whose files the command is; null for an address. */
  base: CommitSha.nullable(),
  request: AgentRequest,
  /** Null when there was no answer: `failure` says why. */
  answer: z.string().max(OWN_ANSWER_BYTES).nullable(),
  failure: z.string().max(1000).nullable(),
  /** The end of what it said on standard error. */
  said: z.string().max(4000),
  /** What it wrote, by the name it gives it. */
  files: z.array(z.strictObject({ path: z.string().min(1).max(300), sha256: Sha256, size: z.number().int().nonnegative() })).max(50),
})
export type OwnRecord = z.infer<typeof OwnRecord>
