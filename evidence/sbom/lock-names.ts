/** Which files are lock files that are read, by name, and which file beside each completes it. */

/** Name -> the file beside it that is read with it; null: it stands alone. A name of its own stands for every file of pinned Python requirements. */
const BESIDE: Readonly<Record<string, string | null>> = {
  'package-lock.json': 'package.json',
  'npm-shrinkwrap.json': 'package.json',
  'pnpm-lock.yaml': 'package.json',
  'yarn.lock': 'package.json',
  'go.mod': 'go.sum',
  'Cargo.lock': null,
  'requirements.txt': null,
  'poetry.lock': null,
  'uv.lock': null,
  'Gemfile.lock': null,
  'composer.lock': null,
}

/** What people read about it: `docs/adopt.md` and the findings list them so. */
export const READ_KINDS: readonly string[] = Object.keys(BESIDE).map((name) => (name === 'requirements.txt' ? '*requirements*.txt' : name))

/** The name a reader is found by: the last part of the path, `requirements.txt` for whatever pip is usually given. */
export function lockName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return /^(?:[\w.-]*[_.-])?requirements[\w.-]*\.txt$/i.test(name) || /(?:^|\/)requirements\/[\w.-]+\.txt$/.test(path) ? 'requirements.txt' : name
}

export function isLockFile(path: string): boolean {
  return Object.hasOwn(BESIDE, lockName(path))
}

/** Path of the file that completes it; null when it needs none. */
export function besidePath(path: string): string | null {
  const name = lockName(path)
  const beside = Object.hasOwn(BESIDE, name) ? (BESIDE[name] ?? null) : 'package.json'
  return beside === null ? null : `${path.slice(0, path.lastIndexOf('/') + 1)}${beside}`
}
