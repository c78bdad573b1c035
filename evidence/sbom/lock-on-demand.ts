/** The door of `lock.ts` for a process that lives for one file: it loads the one reader it needs, because a parser of YAML takes longer to load than a lock file to read. */
import { SbomError } from './error.ts'
import type { Inventory } from './inventory.ts'
import { answerOf, readerOf, type LockQuestion, type LockReader } from './lock-answer.ts'

const npm = async (): Promise<LockReader> => (await import('./npm-lock.ts')).readNpmLock

const READERS: Readonly<Record<string, () => Promise<LockReader>>> = {
  'package-lock.json': npm,
  'npm-shrinkwrap.json': npm,
  'pnpm-lock.yaml': async () => (await import('./pnpm-lock.ts')).readPnpmLock,
  'yarn.lock': async () => (await import('./yarn-lock.ts')).readYarnLock,
  'go.mod': async () => (await import('./go-mod.ts')).readGoMod,
  'Cargo.lock': async () => (await import('./cargo-lock.ts')).readCargoLock,
  'requirements.txt': async () => (await import('./requirements.ts')).readRequirements,
  'poetry.lock': async () => (await import('./poetry-lock.ts')).readPoetryLock,
  'uv.lock': async () => (await import('./uv-lock.ts')).readUvLock,
  'Gemfile.lock': async () => (await import('./gemfile-lock.ts')).readGemfileLock,
  'composer.lock': async () => (await import('./composer-lock.ts')).readComposerLock,
}

/** As `readLockFile`. */
export async function readLockOnDemand(question: LockQuestion): Promise<Inventory | SbomError> {
  const load = readerOf(READERS, question)
  return load instanceof SbomError ? load : answerOf(await load(), question)
}
