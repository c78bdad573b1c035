/** Arithmetic of a share in whole weights of servers, and the order in which weights move. Pure. */
import { RouterError } from './router.ts'

/** HAProxy's largest weight of a server. */
export const MAX_WEIGHT = 256
/** Largest distance, in percent points, of the share that whole weights give from the one that was asked for. */
export const MAX_OFF = 0.5
const MOST_SERVERS = 10_000

/** Weight of each server of a group. */
export interface GroupWeights {
  readonly canary: number
  readonly stable: number
}

interface Nearest extends GroupWeights {
  /** Percent points. */
  readonly off: number
}

/** Percent of the traffic that the canary gets. */
function shareOf(canary: number, stable: number): number {
  return (100 * canary) / (canary + stable)
}

function offBy(percent: number, canary: number, stable: number): number {
  return Math.abs(100 * canary - percent * (canary + stable)) / (canary + stable)
}

/** @param percent 1 to 99 @param canary @param stable numbers of servers */
function nearest(percent: number, canary: number, stable: number): Nearest {
  let best: Nearest = { canary: MAX_WEIGHT, stable: MAX_WEIGHT, off: offBy(percent, canary, stable) }
  for (let weight = MAX_WEIGHT; weight >= 1; weight--) {
    const ideal = (canary * weight * (100 - percent)) / (percent * stable)
    for (const other of new Set([Math.floor(ideal), Math.ceil(ideal)].map((one) => Math.min(Math.max(one, 1), MAX_WEIGHT)))) {
      const off = offBy(percent, canary * weight, stable * other)
      if (off < best.off) best = { canary: weight, stable: other, off }
    }
  }
  return best
}

/** The number nearest to `from`, upwards or downwards, that would do; null when none does. */
function wouldDo(from: number, step: 1 | -1, off: (count: number) => number): number | null {
  for (let count = from + step; count >= 1 && count <= MOST_SERVERS; count += step) if (off(count) <= MAX_OFF) return count
  return null
}

/**
 * Weight of every canary server and of every stable server, so that the canary gets `percent` of the traffic: exactly where whole weights can, else as
 * near as they can.
 * @param percent whole number, 0 to 100
 * @param servers how many each group has, one at least
 * @throws RouterError `refused` when the nearest share is more than half a percent point away
 */
export function weightsFor(percent: number, servers: GroupWeights): GroupWeights {
  if (percent === 0) return { canary: 0, stable: MAX_WEIGHT }
  if (percent === 100) return { canary: MAX_WEIGHT, stable: 0 }
  const { canary, stable, off } = nearest(percent, servers.canary, servers.stable)
  if (off <= MAX_OFF) return { canary, stable }
  const near = shareOf(servers.canary * canary, servers.stable * stable)
  const much = near > percent
  const fewer = wouldDo(much ? servers.canary : servers.stable, -1, (count) =>
    much ? nearest(percent, count, servers.stable).off : nearest(percent, servers.canary, count).off,
  )
  const more = wouldDo(much ? servers.stable : servers.canary, 1, (count) =>
    much ? nearest(percent, servers.canary, count).off : nearest(percent, count, servers.stable).off,
  )
  const [many, few] = much ? (['canary', 'stable'] as const) : (['stable', 'canary'] as const)
  const advice = [
    ...(fewer === null ? [] : [`at most ${fewer} ${many} servers`]),
    ...(more === null ? [] : [`at least ${more} ${few} servers`]),
  ].join(', or ')
  throw new RouterError(
    'refused',
    `${percent} % cannot be set with ${servers.canary} canary and ${servers.stable} stable servers and weights up to ${MAX_WEIGHT}: the nearest share is ${near.toFixed(2)} %. It would do with ${advice}.`,
  )
}

/**
 * Percent of all weight that is the canary's, as a whole number; never 0 while it has some, never 100 while others have some.
 * @param canary @param others sums of weights, not both 0
 */
export function percentOf(canary: number, others: number): number {
  if (canary === 0) return 0
  if (others === 0) return 100
  return Math.min(Math.max(Math.round(shareOf(canary, others)), 1), 99)
}

export interface Move {
  readonly server: string
  readonly weight: number
}

/**
 * The moves from the weights of now to the wanted ones. After each of them somebody has weight, if somebody had before, and the canary never has a larger
 * share than before or after all of them: stable up, canary down, canary up, stable down.
 * @param now weight by server
 */
export function movesTo(wanted: GroupWeights, groups: { readonly [group in keyof GroupWeights]: ReadonlyMap<string, number> }): readonly Move[] {
  const moves = (group: keyof GroupWeights, direction: 1 | -1): Move[] =>
    [...groups[group]].flatMap(([server, now]) => (Math.sign(wanted[group] - now) === direction ? [{ server, weight: wanted[group] }] : []))
  return [...moves('stable', 1), ...moves('canary', -1), ...moves('canary', 1), ...moves('stable', -1)]
}
