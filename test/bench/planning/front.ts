/** Stands before the double of GitHub: counts every call, and answers the GraphQL queries of release-please out of the same memory and the same Git. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GitHub, Repository } from '../../support/github/index.ts'
import { git } from '../../support/github/world/git.ts'

export interface Front extends AsyncDisposable {
  readonly url: string
  /** `METHOD /path` since it was asked last; installation tokens, which last an hour, left out. */
  calls(): readonly string[]
}

/** From now on the double says this address in its links, so that following them is counted too. */
export async function openFront(github: GitHub, fullName: string): Promise<Front> {
  const behind = github.world.base
  const calls: string[] = []
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))))
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { method = 'GET', url = '/' } = request
    if (!url.endsWith('/access_tokens')) calls.push(`${method} ${url.replace(/^\/api\/v3\/repos\/[^/]+\/[^/]+/, '')}`)
    if (method === 'POST' && url.endsWith('/graphql')) {
      const data = await answer(github.repository(fullName), JSON.parse(body.toString()) as Asked)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }))
      return
    }
    const headers = Object.entries(request.headers).filter(([name]) => name !== 'host' && name !== 'content-length' && name !== 'connection')
    const real = await fetch(`${behind}${url}`, {
      method,
      headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
      redirect: 'manual',
      ...(body.length > 0 && { body }),
    })
    const told = [...real.headers].filter(([name]) => !['content-encoding', 'content-length', 'transfer-encoding', 'connection'].includes(name))
    response.writeHead(real.status, Object.fromEntries(told)).end(Buffer.from(await real.arrayBuffer()))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  github.world.base = url
  return {
    url,
    calls: () => calls.splice(0),
    async [Symbol.asyncDispose]() {
      github.world.base = behind
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

interface Asked {
  readonly query: string
  readonly variables: { readonly num: number; readonly cursor?: string | null; readonly targetBranch?: string; readonly states?: string }
}

/** @throws for a query that release-please 17.11.2 does not send */
async function answer(repository: Repository, { query, variables }: Asked): Promise<unknown> {
  const name = /^\s*query (\w+)\(/.exec(query)?.[1]
  switch (name) {
    case 'pullRequestsSince':
      return { repository: { ref: { target: { history: await commits(repository, variables) } } } }
    case 'releases':
      return { repository: { releases: await releases(repository, variables) } }
    default:
      throw new Error(`nobody answers the query ${name ?? query.slice(0, 80)}`)
  }
}

function paged<Item>(items: readonly Item[], { num, cursor }: Asked['variables']) {
  const from = Number(cursor ?? 0)
  const end = from + num
  return { nodes: items.slice(from, end), pageInfo: { hasNextPage: end < items.length, endCursor: String(end) } }
}

async function commits(repository: Repository, variables: Asked['variables']) {
  const log = await git(repository.gitDir, ['log', '--format=%H%x00%an%x00%ae%x00%B%x00%x00', variables.targetBranch ?? 'main'])
  const nodes = log
    .split('\0\0')
    .map((record) => record.trimStart().split('\0'))
    .filter(([sha = '']) => sha !== '')
  const page = paged(nodes, variables)
  const told = page.nodes.map(([sha = '', author = '', email = '', message = '']) => ({
    sha,
    message: message.trim(),
    author: { name: author, email, user: null },
    associatedPullRequests: { nodes: pulls(repository, sha) },
  }))
  return { ...page, nodes: told }
}

function pulls(repository: Repository, sha: string) {
  return [...repository.issues.values()]
    .filter(({ pull }) => pull?.mergeCommit === sha)
    .map(({ number, title, body, labels, pull }) => ({
      number,
      title,
      body: body ?? '',
      baseRefName: pull?.baseRef ?? '',
      headRefName: pull?.headRef ?? '',
      labels: { nodes: labels.map((label) => ({ name: label })) },
      mergeCommit: { oid: sha },
      files: { nodes: [{ path: `src/${number}.txt` }], pageInfo: { endCursor: null, hasNextPage: false } },
    }))
}

async function releases(repository: Repository, variables: Asked['variables']) {
  const nodes = await Promise.all(
    repository.releases.map(async ({ tag, name, body, draft }) => ({
      name,
      tag: { name: tag },
      tagCommit: { oid: await git(repository.gitDir, ['rev-parse', `refs/tags/${tag}^{commit}`]) },
      url: '',
      description: body,
      isDraft: draft,
    })),
  )
  return paged(nodes, variables)
}
