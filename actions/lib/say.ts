/** How an action reads its inputs and ends: the thin edge around every `run`. */
import { getInput, setFailed } from '@actions/core'
import { ActionError } from './error.ts'

/** An input, null when it is empty. */
export function optional(name: string): string | null {
  const value = getInput(name)
  return value === '' ? null : value
}

/** @throws ActionError `bad-input` */
export function required(name: string): string {
  const value = optional(name)
  if (value === null) throw new ActionError('bad-input', `The input ${name} is empty; the workflow must set it.`)
  return value
}

/** Runs an action to its end; an error of ours fails the job with its code and message. */
export async function main(action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : ''
    setFailed(`${code}${error instanceof Error ? error.message : String(error)}`)
  }
}
