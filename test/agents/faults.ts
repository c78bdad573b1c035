/** The check every agent goes through: each planted fault is found, each healthy twin is left alone. Answers with what is wrong; empty when nothing is. */
import type { ListedAgent } from '../../agents/index.ts'
import { agentCases } from '../../agents/self-test.ts'

export function faultsMissed(agent: ListedAgent): string[] {
  return agentCases(agent)
    .filter((one) => one.got !== one.expected)
    .map((one) => `${one.name}: expected ${one.expected}, got ${one.got}`)
}

/** What the roster says it catches and this issue builds, that has no red plant or no healthy twin. */
export function catchesUnplanted(agent: ListedAgent, catches: readonly string[]): string[] {
  return catches.flatMap((what) =>
    (['red', 'green'] as const)
      .filter((expected) => !agent.planted.some((planted) => planted.catches === what && planted.expected === expected))
      .map((expected) => `${what}: no ${expected} plant`),
  )
}
