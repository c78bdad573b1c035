/** What every reader of lock files is asked, and how its refusals become answers. */
import { CoreError } from '../core/error.ts'
import { SbomError } from './error.ts'
import type { Inventory } from './inventory.ts'
import { lockName, READ_KINDS } from './lock-names.ts'

export interface LockQuestion {
  /** Where it lies in the repository; its name decides how it is read, unless `kind` does. */
  readonly path: string
  /** Of one whose name does not say it: as `lockNameByContent` answers. */
  readonly kind?: string
  readonly bytes: Uint8Array
  /** The file beside it that completes it, package.json or go.sum. Without it the lock file speaks for the project, if it can. */
  readonly manifest?: Uint8Array
}

/** @throws SbomError, CoreError, RangeError */
export type LockReader = (question: LockQuestion) => Inventory

/** The reader of a list, by the file's name or what it was found to be. */
export function readerOf<Reader>(readers: Readonly<Record<string, Reader>>, { path, kind }: LockQuestion): Reader | SbomError {
  const name = kind ?? lockName(path)
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
  return reader ?? new SbomError('unknown-file', `${name.slice(0, 80)} is no lock file that is read: ${READ_KINDS.join(', ')}`)
}

/** Answers a hostile or foreign file with an error; never throws one. */
export function answerOf(read: LockReader, question: LockQuestion): Inventory | SbomError {
  try {
    return read(question)
  } catch (cause) {
    if (cause instanceof SbomError) return cause
    if (cause instanceof CoreError || cause instanceof RangeError)
      return new SbomError('malformed', `${question.path.split('/').at(-1) ?? ''}: ${cause.message}`, { cause })
    throw cause
  }
}
