/** Relative paths that mean the same file on every system: what a pack, an artifact and a statement may name. */

const PATH = /^[A-Za-z0-9._/-]{1,300}$/
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/** True when the path has no `..`, no empty or reserved segment, no leading slash, no character outside `A-Z a-z 0-9 . _ / -`. */
export function isSafePath(path: string): boolean {
  return PATH.test(path) && path.split('/').every((segment) => segment !== '' && !segment.endsWith('.') && !RESERVED.test(segment))
}

/** The first two of these paths that one file system cannot hold side by side (equal but for case, or a file that is another's folder); else undefined. */
export function collision(paths: Iterable<string>): readonly [string, string] | undefined {
  const files = new Map<string, string>()
  const folders = new Map<string, string>()
  for (const path of paths) {
    const folded = path.toLowerCase()
    const other = files.get(folded) ?? folders.get(folded)
    if (other !== undefined) return [other, path]
    files.set(folded, path)
    for (let end = folded.indexOf('/'); end !== -1; end = folded.indexOf('/', end + 1)) {
      const folder = folded.slice(0, end)
      const file = files.get(folder)
      if (file !== undefined) return [file, path]
      folders.set(folder, path)
    }
  }
  return undefined
}
