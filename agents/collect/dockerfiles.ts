/** Input `dockerfiles`: every file at the commit that a container build would take as its recipe. */
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { blobText, headCommit, tree } from './git.ts'
import type { Inputs } from './inputs.ts'

const MAX_FILES = 500
const MAX_BYTES = 256 << 10
/** Dockerfile, Dockerfile.prod, Containerfile, api.Dockerfile; not `Dockerfile.md` and the like, and not Docker's ignore files. */
const NAME = /^(?:(?:Dockerfile|Containerfile)(?:[._-].+)?|.+\.(?:Dockerfile|Containerfile))$/i
const NOT_A_RECIPE = /\.(?:dockerignore|containerignore|md|txt|ts|js|json|ya?ml|tmpl\.md)$/i

/** Repository-relative path -> is it a Dockerfile by its name? */
export function isDockerfile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return NAME.test(name) && !NOT_A_RECIPE.test(name)
}

export async function collectDockerfiles(context: CollectContext): Promise<Collected<'dockerfiles'>> {
  const head = await headCommit(context.workspace, context.sha)
  const found = (await tree(context.workspace, head)).filter((entry) => isDockerfile(entry.path) && entry.type !== 'commit')
  if (found.length > MAX_FILES)
    throw new CollectError('too-large', `the commit has more than ${MAX_FILES} Dockerfiles`, 'Move vendored Dockerfiles out of the repository.')
  const files: Inputs['dockerfiles']['files'] = []
  for (const entry of found.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const unread = (why: string) => files.push({ path: entry.path, text: null, why })
    if (entry.mode === '120000') unread('it is a symbolic link')
    else if (entry.size > MAX_BYTES) unread(`it has ${entry.size} bytes, more than ${MAX_BYTES}`)
    else {
      const text = await blobText(context.workspace, entry.object, MAX_BYTES)
      if (text === null) unread('it is not UTF-8 text')
      else files.push({ path: entry.path, text, why: null })
    }
  }
  return { value: { head, files } }
}
