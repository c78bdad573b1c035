/** A person at GitHub: the same endpoints over the same HTTP, with a personal token. */
import { DoubleError } from './world/error.ts'
import type { Json } from './world/model.ts'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly data: unknown
}

export interface PushOf {
  /** Work tree to push from. */
  readonly dir: string
  /** Branch name or full ref, the same on both sides. */
  readonly ref: string
  readonly force?: boolean
}

export interface PushResult {
  readonly before: string
  readonly after: string
}

export class Person {
  readonly login: string
  readonly token: string
  readonly #apiUrl: string
  readonly #push: (repository: string, of: PushOf) => Promise<PushResult>

  constructor(login: string, token: string, apiUrl: string, push: (repository: string, of: PushOf) => Promise<PushResult>) {
    this.login = login
    this.token = token
    this.#apiUrl = apiUrl
    this.#push = push
  }

  /** @param path below the API root, e.g. `/repos/acme/shop/pulls` */
  async request(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const response = await fetch(`${this.#apiUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${this.token}`,
        'user-agent': 'double-client',
        'x-github-api-version': '2022-11-28',
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, data: text === '' ? null : (JSON.parse(text) as unknown) }
  }

  /** Like `request`, and throws `refused` unless the answer is 2xx. */
  async must(method: string, path: string, body?: unknown): Promise<Json> {
    const { status, data } = await this.request(method, path, body)
    if (status < 200 || status > 299)
      throw new DoubleError('refused', `${this.login}: ${method} ${path} was answered with ${status}: ${JSON.stringify(data)}`)
    return (data ?? {}) as Json
  }

  /** @returns the pull request as GitHub writes it */
  async openPull(
    repository: string,
    of: { readonly head: string; readonly base: string; readonly title: string; readonly body?: string; readonly draft?: boolean },
  ): Promise<Json & { number: number }> {
    return (await this.must('POST', `/repos/${repository}/pulls`, of)) as Json & { number: number }
  }

  async editPull(repository: string, number: number, of: { readonly title?: string; readonly body?: string; readonly base?: string }): Promise<Json> {
    return await this.must('PATCH', `/repos/${repository}/pulls/${number}`, of)
  }

  async comment(repository: string, number: number, body: string): Promise<Json & { id: number }> {
    return (await this.must('POST', `/repos/${repository}/issues/${number}/comments`, { body })) as Json & { id: number }
  }

  async editComment(repository: string, id: number, body: string): Promise<Json> {
    return await this.must('PATCH', `/repos/${repository}/issues/comments/${id}`, { body })
  }

  async deleteComment(repository: string, id: number): Promise<void> {
    await this.must('DELETE', `/repos/${repository}/issues/comments/${id}`)
  }

  async label(repository: string, number: number, labels: readonly string[]): Promise<void> {
    await this.must('POST', `/repos/${repository}/issues/${number}/labels`, { labels })
  }

  async unlabel(repository: string, number: number, name: string): Promise<void> {
    await this.must('DELETE', `/repos/${repository}/issues/${number}/labels/${encodeURIComponent(name)}`)
  }

  /** @returns the merge commit */
  async merge(repository: string, number: number, of: { readonly sha?: string; readonly merge_method?: 'merge' | 'squash' } = {}): Promise<string> {
    return String((await this.must('PUT', `/repos/${repository}/pulls/${number}/merge`, of))['sha'])
  }

  async close(repository: string, number: number): Promise<void> {
    await this.must('PATCH', `/repos/${repository}/pulls/${number}`, { state: 'closed' })
  }

  async reopen(repository: string, number: number): Promise<void> {
    await this.must('PATCH', `/repos/${repository}/pulls/${number}`, { state: 'open' })
  }

  async rerequest(repository: string, checkRun: number): Promise<void> {
    await this.must('POST', `/repos/${repository}/check-runs/${checkRun}/rerequest`)
  }

  /** @returns the run's id */
  async dispatch(repository: string, workflow: string, ref: string, inputs: Readonly<Record<string, string>> = {}): Promise<number> {
    const path = `/repos/${repository}/actions/workflows/${encodeURIComponent(workflow)}/dispatches`
    return Number((await this.must('POST', path, { ref, inputs, return_run_details: true }))['workflow_run_id'])
  }

  /** A real git push, then the events GitHub sends for it. */
  async push(repository: string, of: PushOf): Promise<PushResult> {
    return await this.#push(repository, of)
  }
}
