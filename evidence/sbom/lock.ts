/** One door for every lock file: the name of the file says who wrote it. */
import { CoreError } from '../core/error.ts'
import { SbomError } from './error.ts'
import type { Inventory } from './inventory.ts'
import { readNpmLock } from './npm-lock.ts'
import { readPnpmLock } from './pnpm-lock.ts'
import { readYarnLock } from './yarn-lock.ts'

export interface LockQuestion {
  /** Where it lies in the repository; its last part decides how it is read. */
  readonly path: string
  readonly bytes: Uint8Array
  /** The package.json beside it. Without it the lock file speaks for the project, if it can. */
  readonly manifest?: Uint8Array
}

const READERS: Readonly<Record<string, (question: LockQuestion) => Inventory>> = {
  'package-lock.json': readNpmLock,
  'npm-shrinkwrap.json': readNpmLock,
  'pnpm-lock.yaml': readPnpmLock,
  'yarn.lock': readYarnLock,
}

/** Answers a hostile or foreign file with an error; never throws one. */
export function readLockFile(question: LockQuestion): Inventory | SbomError {
  const name = question.path.split('/').at(-1) ?? ''
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined
  if (read === undefined)
    return new SbomError('unknown-file', `${name.slice(0, 80)} is no lock file that is read: ${Object.keys(READERS).join(', ')}`)
  try {
    return read(question)
  } catch (cause) {
    if (cause instanceof SbomError) return cause
    if (cause instanceof CoreError || cause instanceof RangeError) return new SbomError('malformed', `${name}: ${cause.message}`, { cause })
    throw cause
  }
}
