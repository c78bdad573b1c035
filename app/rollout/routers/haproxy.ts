/**
 * Router adapter for HAProxy, over the Runtime API of its stats socket: two groups of servers in one backend, whose weights give the canary its share.
 * Every server of a group gets the same weight. Weight 0 lets connections end and begins none.
 */
import { z } from 'zod'
import type { Routed } from '../../release/ports.ts'
import { idleWhy, parseStat, type ServerStat } from './haproxy-stat.ts'
import { ask, socketAddress } from './haproxy-socket.ts'
import { movesTo, percentOf, weightsFor, type GroupWeights, type Move } from './haproxy-weights.ts'
import { percentage, RouterError, type Router } from './router.ts'
import { turns, type Own } from './turns.ts'
import { words } from './words.ts'

const Name = z.string().regex(/^[A-Za-z0-9_.:-]{1,80}$/, 'a name of HAProxy: letters, digits and _ . : -')
const Group = z.array(Name).min(1).max(128)

function isSocket(text: string): boolean {
  try {
    return socketAddress(text) !== null
  } catch {
    return false
  }
}

/** One router in the operator's file. */
export const HaproxySource = z
  .strictObject({
    /** Of level admin. */
    socket: z.string().refine(isSocket, 'a path such as /run/haproxy/admin.sock, or tcp://127.0.0.1:9999'),
    backend: Name,
    /** Names of servers of the backend. */
    canary: Group,
    stable: Group,
  })
  .refine(({ canary, stable }) => new Set([...canary, ...stable]).size === canary.length + stable.length, 'no server twice in canary and stable')
export type HaproxySource = z.infer<typeof HaproxySource>

export interface HaproxyOptions extends HaproxySource {
  /** Of one `set` or `read`. Default 5,000. */
  readonly timeoutMs?: number
}

/** A look at a canary waits for it. */
const OBSERVE_MS = 2000

interface Seen {
  readonly canary: readonly ServerStat[]
  readonly stable: readonly ServerStat[]
  /** In neither group, and with weight. */
  readonly others: readonly ServerStat[]
}

function checked(source: HaproxySource): HaproxySource {
  const parsed = HaproxySource.safeParse(source)
  if (parsed.success) return parsed.data
  throw new RouterError('invalid', parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`.replace(/^: /, '')).join('; '))
}

function sum(servers: readonly ServerStat[], what: 'weight' | 'given'): number {
  return servers.reduce((total, server) => total + server[what], 0)
}

function weightsOf(servers: readonly ServerStat[]): ReadonlyMap<string, number> {
  return new Map(servers.map(({ name, weight }) => [name, weight]))
}

function percentOfSeen({ canary, stable, others }: Seen): number {
  return percentOf(sum(canary, 'weight'), sum(stable, 'weight') + sum(others, 'weight'))
}

/** Already so: as wanted, or at 0 % and 100 % one group without weight and nobody of the other without. */
function stands(percent: number, wanted: GroupWeights, { canary, stable }: Seen): boolean {
  if (percent === 0) return canary.every(({ weight }) => weight === 0) && stable.every(({ weight }) => weight > 0)
  if (percent === 100) return stable.every(({ weight }) => weight === 0) && canary.every(({ weight }) => weight > 0)
  return canary.every(({ weight }) => weight === wanted.canary) && stable.every(({ weight }) => weight === wanted.stable)
}

/** @throws RouterError `invalid` */
export function haproxy({ timeoutMs = 5000, ...source }: HaproxyOptions): Router {
  const options = checked(source)
  const address = socketAddress(options.socket)
  const { backend } = options
  const inTurn = turns()

  async function look(endsAt: number): Promise<Seen> {
    const servers = parseStat(await ask(address, `show stat ${backend} 4 -1`, endsAt - performance.now()), backend)
    const group = (names: readonly string[]): ServerStat[] =>
      names.map((name) => {
        const server = servers.get(name)
        if (server !== undefined) return server
        throw new RouterError('refused', `Backend ${backend} has no server ${name}. It has ${[...servers.keys()].join(', ').slice(0, 500)}.`)
      })
    const [canary, stable] = [group(options.canary), group(options.stable)]
    const named = new Set([...options.canary, ...options.stable])
    return { canary, stable, others: [...servers.values()].filter((one) => !named.has(one.name) && one.weight > 0 && idleWhy(one) === null) }
  }

  async function move({ server, weight }: Move, endsAt: number): Promise<void> {
    const answer = await ask(address, `set weight ${backend}/${server} ${weight}`, endsAt - performance.now())
    if (answer === '')
      throw new RouterError('malformed', `HAProxy said nothing to weight ${weight} of ${backend}/${server}. Its weights are unknown.`)
    if (answer.trim() === '') return
    throw new RouterError('refused', `HAProxy refused weight ${weight} of ${backend}/${server}: ${words(answer)}`)
  }

  function mayRise(percent: number, { canary, others }: Seen): void {
    const [other] = others
    if (other !== undefined)
      throw new RouterError(
        'refused',
        `Server ${other.name} of backend ${backend} has weight and stands in no group, so ${percent} % cannot be kept. Name it under stable.`,
      )
    for (const server of canary) {
      const why = idleWhy(server)
      if (why !== null) throw new RouterError('refused', `Server ${server.name} of the canary ${why}, so it would not get its part of ${percent} %.`)
    }
  }

  /** Down: what one server refuses holds up no other, as long as somebody of stable is there to serve. */
  async function down(moves: readonly Move[], seen: Seen, own: Own, endsAt: number): Promise<void> {
    const canary = new Set(options.canary)
    let serving = seen.stable.some(({ weight }) => weight > 0)
    let refusal: unknown = null
    for (const one of moves) {
      own()
      if (canary.has(one.server) && !serving) break
      try {
        await move(one, endsAt)
        if (!canary.has(one.server)) serving ||= one.weight > 0
      } catch (error) {
        if (!(error instanceof RouterError) || error.code !== 'refused') throw error
        refusal ??= error
      }
    }
    if (refusal !== null) throw refusal
  }

  async function change(percent: number, own: Own): Promise<void> {
    const endsAt = performance.now() + timeoutMs
    const wanted = weightsFor(percent, { canary: options.canary.length, stable: options.stable.length })
    const seen = await look(endsAt)
    if (stands(percent, wanted, seen) && (percent === 0 || seen.others.length === 0)) return
    const moves = movesTo(wanted, { canary: weightsOf(seen.canary), stable: weightsOf(seen.stable) })
    if (percent <= percentOfSeen(seen)) await down(moves, seen, own, endsAt)
    else {
      mayRise(percent, seen)
      for (const one of moves) {
        own()
        await move(one, endsAt)
      }
    }
    compare(percent, wanted, await look(endsAt))
  }

  function compare(percent: number, wanted: GroupWeights, seen: Seen): void {
    const wrong = (['canary', 'stable'] as const).flatMap((group) =>
      seen[group].filter(({ weight }) => weight !== wanted[group]).map(({ name, weight }) => `${name} has ${weight} instead of ${wanted[group]}`),
    )
    if (wrong.length > 0)
      throw new RouterError(
        'mismatch',
        `Backend ${backend} was set to ${percent} % and not all of it holds: ${wrong.join(', ').slice(0, 500)}. Something else moves it too.`,
      )
  }

  return {
    async set(percent) {
      percentage(percent)
      await inTurn(percent, (own) => change(percent, own))
    },
    async read() {
      return percentOfSeen(await look(performance.now() + timeoutMs))
    },
    async observe(): Promise<Routed> {
      const seen = await look(performance.now() + Math.min(timeoutMs, OBSERVE_MS))
      return { canary: sum(seen.canary, 'given'), stable: sum(seen.stable, 'given') + sum(seen.others, 'given') }
    },
  }
}
