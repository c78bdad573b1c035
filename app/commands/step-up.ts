/** Which commands will want a security key. The policy decides, in gates/policy; this asks for the key before, and a test holds the two together. Pure. */
import { isSpoken, type Command } from './command.ts'
import type { People } from './project.ts'

/** @param mayBe steps that a /promote may be of which names none: only its plan id says which, and that is compared later */
export function wantsKey(command: Command, { step_up }: Pick<People, 'step_up'>, mayBe: readonly number[] = [100]): boolean {
  if (step_up.with !== 'webauthn') return false
  const elevated: readonly string[] = step_up.for
  if (command.name === 'promote')
    return elevated.includes('promote') || stepsOf(command.step, mayBe).some((step) => elevated.includes(`promote:${step}`))
  if (command.name === 'break-glass') return true
  return isSpoken(command) && elevated.includes(command.name)
}

function stepsOf(said: number | null, mayBe: readonly number[]): readonly number[] {
  return said === null ? mayBe : [said]
}
