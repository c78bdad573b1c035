/** Input `dockerfiles`: every file at the commit that a container build would take as its recipe. */
import type { CollectContext, Collected } from './collector.ts'
import { readFiles } from './files.ts'
import { headCommit, tree } from './git.ts'

const LIMITS = { what: 'Dockerfiles', files: 500, fileBytes: 256 << 10, totalBytes: 24 << 20 }
/** Dockerfile, Dockerfile.prod, Containerfile, api.Dockerfile; not `Dockerfile.md`, `dockerfile.go` and the like, and not Docker's ignore files. */
const NAME = /^(?:(?:Dockerfile|Containerfile)(?:[._-].+)?|.+\.(?:Dockerfile|Containerfile))$/i
const NOT_A_RECIPE =
  /\.(?:dockerignore|containerignore|md|txt|[cm]?[jt]sx?|json|rego|ya?ml|toml|tmpl\.md|go|py|rb|rs|java|kt|cs|cc?|cpp|h|php|pl|lua|swift|scala|sh|html|css|svg|png|lock|snap)$/i

/** Repository-relative path -> is it a Dockerfile by its name? */
export function isDockerfile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return NAME.test(name) && !NOT_A_RECIPE.test(name)
}

export async function collectDockerfiles(context: CollectContext): Promise<Collected<'dockerfiles'>> {
  const head = await headCommit(context.workspace, context.sha)
  const found = (await tree(context.workspace, head)).filter((entry) => isDockerfile(entry.path) && entry.type !== 'commit')
  return { value: { head, files: await readFiles(context, found, LIMITS) } }
}
