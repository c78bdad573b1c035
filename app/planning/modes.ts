/** What Git says a path is, as far as a release that rewrites it must know. Pure. */

export const PLAIN = '100644'
export const EXECUTABLE = '100755'
/** What is no file, and has a text that a reader may take for one. */
const OTHERS: Readonly<Record<string, string>> = { '120000': 'a symbolic link', '160000': 'a submodule' }

/** May it be written anew, as what it is? */
export function isFile(mode: string | undefined): boolean {
  return mode === PLAIN || mode === EXECUTABLE
}

/** The first path that a commit of a file would replace by something else, and what is there. @param modes of Git, by path */
export function inTheWay(modes: ReadonlyMap<string, string>): { readonly path: string; readonly is: string } | null {
  for (const [path, mode] of modes) {
    const is = OTHERS[mode]
    if (is !== undefined) return { path, is }
  }
  return null
}
