/** What a gate's check run is called (SPEC part 13): what GitHub requires, what the App writes and what an agent looks for is one name. */
import type { GateId } from './phases.ts'

/** `release-conductor/<gate> (<base>)`: a check belongs to a commit, so the base is part of the name (trap T7). */
export function checkName(gate: GateId, base: string): string {
  return `release-conductor/${gate} (${base})`
}
