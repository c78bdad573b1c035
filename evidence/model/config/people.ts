/** `people`: who is told, who may decide, and how sure we must be that it is them. An empty list of approvers means that nobody may, not that anybody may. */
import { z } from 'zod'
import { Duration } from '../primitives.ts'
import { Audience, Login, Team } from './names.ts'

const Excluded = z.enum(['author', 'contributor'])

/** @param least people who must agree, at the least @param expires default life of what they said */
function approvers(least: number, expires = '7d') {
  return z.strictObject({
    teams: z.array(Team).max(50).default([]).describe('Members of these teams may.'),
    users: z.array(Login).max(100).default([]).describe('These people may.'),
    count: z.number().int().min(least).max(20).default(least).describe('How many must agree.'),
    not: z
      .array(Excluded)
      .max(2)
      .default(['author', 'contributor'])
      .describe('Who may not, although listed: the author of the pull request, whoever has a commit in it.'),
    expires: Duration.default(expires).describe('An approval counts no longer than this after it was written.'),
  })
}

const ELEVATED = ({ input }: { readonly input?: unknown }): string =>
  input === 'rollback'
    ? 'no rollback here: it never needs a second proof, so that nothing keeps anybody from taking a version back'
    : 'a command such as waive or "promote:100"'

const Elevated = z.union(
  [z.enum(['break_glass', 'waive', 'approve', 'promote']), z.string().regex(/^promote:(?:[1-9]\d?|100)$/, { error: ELEVATED })],
  { error: ELEVATED },
)

export const PeopleConfig = z.strictObject({
  on_call: z.array(Audience).max(20).default([]).describe('Told about breaches, rollbacks and incidents.'),
  cab: z.array(Audience).max(20).default([]).describe('The change board: told when the glass is broken.'),
  approvers: z
    .strictObject({
      promote: approvers(1).prefault({}).describe('Who may comment /promote, /approve, /rollback, /hold and /resume.'),
      waive: approvers(2).prefault({}).describe('Who may waive a gate: always two people.'),
      break_glass: approvers(2, '1d')
        .prefault({})
        .describe('Who may break the glass: always two people. It stays broken as long as their word counts.'),
    })
    .prefault({})
    .describe('Who may decide.'),
  step_up: z
    .strictObject({
      for: z.array(Elevated).max(20).default(['break_glass', 'waive']).describe('Commands that need a second proof of who asks.'),
      with: z
        .enum(['second_approver', 'webauthn'])
        .default('second_approver')
        .describe('The second proof: another person, or a security key on the page of the release.'),
    })
    .prefault({})
    .describe('Commands that need more than a comment.'),
  waiver_budget: z
    .strictObject({
      per_quarter: z.number().int().min(0).max(1000).default(4).describe('Waivers granted in a quarter, at most.'),
      max_days: z.number().int().min(1).max(365).default(14).describe('Longest life of a waiver, in days.'),
    })
    .prefault({})
    .describe('How much may be waived.'),
})
