/** Which commands will want a security key. The policy decides, in gates/policy; this asks for the key before, and a test holds the two together. Pure. */
import { isSpoken, type Command } from './command.ts'
import type { People } from './project.ts'

export function wantsKey(command: Command, { step_up }: Pick<People, 'step_up'>): boolean {
  if (step_up.with !== 'webauthn') return false
  const elevated: readonly string[] = step_up.for
  if (command.name === 'promote') return elevated.includes('promote') || elevated.includes(`promote:${command.step ?? 100}`)
  if (command.name === 'break-glass') return true
  return isSpoken(command) && elevated.includes(command.name)
}
