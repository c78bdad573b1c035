/** A ruleset of the repository, found by its name. Rulesets of other names stay as they are. */
import { z } from 'zod'
import { saidBy, type Change, type Handler, type Standing } from './change.ts'
import { ApplyError } from './error.ts'
import { Anything, listed, type Hub } from './hub.ts'

const Listed = z.looseObject({ id: z.number().int(), name: z.string() })
const Written = z.looseObject({ id: z.number().int() })
/** What GitHub takes of a ruleset; the rest of an answer is its own. */
const Ruleset = z.object({
  name: z.string(),
  target: z.string(),
  enforcement: z.string(),
  bypass_actors: z.array(z.json()).optional(),
  conditions: z.json().optional(),
  rules: z.array(z.json()),
})

async function found(hub: Hub, name: string): Promise<number | null> {
  return (await listed(hub, '/rulesets?includes_parents=false', Listed)).find((one) => one.name === name)?.id ?? null
}

export async function standingRuleset(hub: Hub, name: string, wanted: unknown): Promise<Standing> {
  const id = await found(hub, name)
  if (id === null) return { same: false, before: { ruleset: null } }
  const now = await hub.read(`/rulesets/${id}`, Ruleset)
  return { same: says(now, wanted), before: { ruleset: now } }
}

/** Twice is once: a ruleset of that name is replaced. @throws ApplyError for whoever is no admin */
export async function writeRuleset(hub: Hub, name: string, wanted: unknown): Promise<{ readonly id: number; readonly made: boolean }> {
  const id = await found(hub, name)
  const written = id === null ? await hub.write('POST', '/rulesets', Written, wanted) : await hub.write('PUT', `/rulesets/${id}`, Written, wanted)
  return { id: written.id, made: id === null }
}

/** Everything that is wanted stands; GitHub adds what it fills in itself. */
function says(standing: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(standing) && standing.length === wanted.length && wanted.every((one, at) => says((standing as unknown[])[at], one))
  if (typeof wanted !== 'object' || wanted === null) return standing === wanted
  if (typeof standing !== 'object' || standing === null) return false
  return Object.entries(wanted).every(([key, value]) => says((standing as Record<string, unknown>)[key], value))
}

function nameOf({ actions: [action] }: Change): string {
  return action?.path ?? ''
}

export const rulesetWrite: Handler = {
  async look({ hub }, change) {
    return standingRuleset(hub, nameOf(change), saidBy(change))
  },
  async perform({ hub }, change) {
    const { id, made } = await writeRuleset(hub, nameOf(change), saidBy(change))
    return `${made ? 'Made' : 'Brought up to date'}: ruleset ${id}.`
  },
  async undo({ hub }, change, { ruleset }) {
    const name = nameOf(change)
    const id = await found(hub, name)
    if (ruleset === null || ruleset === undefined) {
      if (id !== null) await hub.write('DELETE', `/rulesets/${id}`, Anything)
      return 'The ruleset is gone again.'
    }
    if (id === null) throw new ApplyError('cannot-undo', `The ruleset ${name} is gone`, 'Make it by hand; the journal has what it was.')
    await hub.write('PUT', `/rulesets/${id}`, Written, ruleset)
    return `Ruleset ${id} says again what it said before.`
  },
}
