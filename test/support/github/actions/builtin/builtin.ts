/** The contract of a built-in action: a published action, done here by its documented behaviour instead of its code. */
import type { RunRequest } from '../../runner.ts'
import type { JobLog } from '../commands.ts'
import type { Sources } from '../sources.ts'

export interface BuiltinContext {
  readonly request: RunRequest
  readonly sources: Sources
  readonly workspace: string
  readonly temp: string
  /** As the step gives them, defaults filled in. */
  readonly input: (name: string) => string
  readonly log: JobLog
}

export interface Builtin {
  /** `owner/name`. */
  readonly name: string
  /** Commit -> version: the commits whose behaviour this is. */
  readonly commits: Readonly<Record<string, string>>
  /** Inputs this runner knows, with their defaults. */
  readonly inputs: Readonly<Record<string, string>>
  /** Refuses values it would have to guess about. @throws RunnerError `unknown-input`, `bad-input` */
  readonly check?: (given: Readonly<Record<string, string>>, where: string) => void
  /** @returns outputs. @throws RunnerError when the step fails */
  run(context: BuiltinContext): Promise<Readonly<Record<string, string>>>
}
