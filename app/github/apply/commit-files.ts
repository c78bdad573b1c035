/** A commit of text files over a tree. Nobody is named as its author, so GitHub makes it the App's own and signs it. */
import type { FileText, Repository } from '../../release/ports.ts'
import { GitObject, parsed } from '../answers.ts'
import { EXECUTABLE, PLAIN } from '../../planning/modes.ts'
import { repositoryPath, type Client } from '../octokit.ts'

export interface Made {
  readonly tree: string
  readonly commit: string
}

/** Nothing points at it yet: made again after a crash, it is only never used. @throws GitHubError */
export async function commitFiles(
  client: Client,
  repository: Repository,
  of: { readonly tree: string; readonly files: readonly FileText[]; readonly message: string; readonly parents: readonly string[] },
): Promise<Made> {
  const post = async (path: string, body: Readonly<Record<string, unknown>>): Promise<string> => {
    const answer = await client.call(repository, { method: 'POST', path, permissions: { contents: 'write' }, body })
    return parsed(GitObject, answer.data, path).sha
  }
  const root = `${repositoryPath(repository)}/git`
  const entries = of.files.map(({ path, text, executable }) => ({
    path,
    mode: executable === true ? EXECUTABLE : PLAIN,
    type: 'blob',
    content: text,
  }))
  const tree = await post(`${root}/trees`, { base_tree: of.tree, tree: entries })
  return { tree, commit: await post(`${root}/commits`, { message: of.message, tree, parents: of.parents }) }
}
