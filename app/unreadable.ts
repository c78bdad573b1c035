/** What GitHub does not show any more (an App that was removed, a repository that was deleted) is asked for ever more rarely, until something is heard of it. */
import { isGitHubError } from './github/error.ts'
import { ReleaseError } from './release/error.ts'

const FIRST_MS = 2_000
const LONGEST_MS = 3_600_000

export interface Unreadable {
  /** It could not be read. @returns how long it is left alone */
  failed(name: string, now: number): number
  /** It was read. */
  heard(name: string): void
  /** Is it left alone now? */
  rests(name: string, now: number): boolean
}

/** In memory only: a new process asks at once. */
export function unreadable(): Unreadable {
  const known = new Map<string, { readonly wait: number; readonly until: number }>()
  return {
    failed(name, now) {
      const wait = Math.min(LONGEST_MS, (known.get(name)?.wait ?? FIRST_MS / 2) * 2)
      known.set(name, { wait, until: now + wait })
      return wait
    },
    heard: (name) => void known.delete(name),
    rests: (name, now) => now < (known.get(name)?.until ?? 0),
  }
}

export function isUnreadable(error: unknown): boolean {
  return isGitHubError(error, 'forbidden', 'not-found') || (error instanceof ReleaseError && error.code === 'pull-gone')
}
