/** One door for every lock file: the name of the file says who wrote it. */
import { SbomError } from './error.ts'
import type { Inventory } from './inventory.ts'
import { answerOf, readerOf, type LockQuestion, type LockReader } from './lock-answer.ts'
import { readCargoLock } from './cargo-lock.ts'
import { readComposerLock } from './composer-lock.ts'
import { readGemfileLock } from './gemfile-lock.ts'
import { readGoMod } from './go-mod.ts'
import { readNpmLock } from './npm-lock.ts'
import { readPnpmLock } from './pnpm-lock.ts'
import { readPoetryLock } from './poetry-lock.ts'
import { readRequirements } from './requirements.ts'
import { readUvLock } from './uv-lock.ts'
import { readYarnLock } from './yarn-lock.ts'

const READERS: Readonly<Record<string, LockReader>> = {
  'package-lock.json': readNpmLock,
  'npm-shrinkwrap.json': readNpmLock,
  'pnpm-lock.yaml': readPnpmLock,
  'yarn.lock': readYarnLock,
  'go.mod': readGoMod,
  'Cargo.lock': readCargoLock,
  'requirements.txt': readRequirements,
  'poetry.lock': readPoetryLock,
  'uv.lock': readUvLock,
  'Gemfile.lock': readGemfileLock,
  'composer.lock': readComposerLock,
}

/** Never throws on a hostile or foreign file. */
export function readLockFile(question: LockQuestion): Inventory | SbomError {
  const read = readerOf(READERS, question)
  return read instanceof SbomError ? read : answerOf(read, question)
}
