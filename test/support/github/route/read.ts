/** Reading a checked request body: the contract has already refused wrong types, so these only narrow. */
import { notFound } from '../world/error.ts'
import type { Call } from '../http/call.ts'
import type { Account, Issue } from '../world/model.ts'
import { actorAccount } from '../world/world.ts'
import { Refusal } from '../world/error.ts'

export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
export const maybeText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)
export const flag = (value: unknown, otherwise: boolean): boolean => (typeof value === 'boolean' ? value : otherwise)

export const numberParam = (call: Call, name: string): number => {
  const raw = call.params[name] ?? ''
  if (!/^\d+$/.test(raw)) throw notFound()
  return Number(raw)
}

export const issueOf = (call: Call, name = 'issue_number'): Issue => {
  const found = call.repository.issues.get(numberParam(call, name))
  if (!found) throw notFound()
  return found
}

export const pullEntry = (call: Call): Issue => {
  const found = issueOf(call, 'pull_number')
  if (!found.pull) throw notFound()
  return found
}

/** The account that acts: a person, or the App's bot. */
export const sender = (call: Call): Account => {
  const account = actorAccount(call.actor)
  if (!account) throw new Refusal(401, 'Requires authentication')
  return account
}

export const byJob = (call: Call): boolean => call.actor.kind === 'job'
