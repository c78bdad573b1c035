/**
 * How an action reads its inputs and ends: the thin edge around every `run`. It loads nothing, so that an action starts at once and a wrong input is told
 * before anything heavy is read; `@actions/core` is loaded with the rest.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
import { ActionError } from './error.ts'

/** An input, null when it is empty. */
export function optional(name: string): string | null {
  const value = process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`]?.trim() ?? ''
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
    fail(`${code}${error instanceof Error ? error.message : String(error)}`)
  }
}

/** An annotation of the job, which ends red. A line break in it begins no command. */
export function fail(message: string): void {
  process.exitCode = 1
  process.stdout.write(`::error::${message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}\n`)
}
