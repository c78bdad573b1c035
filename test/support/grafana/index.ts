/** A double of Grafana (README.md): no Grafana, but no more lenient than one. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OPERATIONS, PostAnnotation, type Annotation, type Operation, type OperationName } from './schema.ts'

export type Fault = 'before' | 'after' | 'slow' | 'html' | 'huge' | 'cut' | 'elsewhere' | number

export interface Grafana extends AsyncDisposable {
  readonly url: string
  readonly annotations: Annotation[]
  readonly asked: { readonly method: string; readonly path: string; readonly token: boolean }[]
  readonly violations: string[]
  /** Permissions of whoever comes without a token; null: nobody does. */
  anonymous: readonly string[] | null
  tokenOf(...permissions: readonly string[]): string
  /** Once, at the next request of that method. */
  next(method: Operation['method'], fault: Fault): void
  assertClean(): void
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Tags are split at the first colon; what follows a second one is lost. Blanks around and repetitions go, too. */
function kept(tags: readonly string[]): string[] {
  const said = tags.map((tag) =>
    tag
      .split(':')
      .slice(0, 2)
      .map((part) => part.trim().slice(0, 100))
      .join(':'),
  )
  return [...new Set(said.filter((tag) => tag !== '' && !tag.startsWith(':')))]
}

function queryOf({ searchParams }: URL): Record<string, string[]> {
  return Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]))
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('utf8')
  return text === '' ? undefined : JSON.parse(text)
}

/** What was asked for is done, whatever became of the question. */
function performed(name: OperationName, state: State, found: RegExpExecArray, query: Record<string, string[]>, body: unknown): Answer {
  const [, id = ''] = found
  if (name === 'search') {
    const dashboards = state.maySee ? Object.entries(state.dashboards) : []
    return { status: 200, body: dashboards.map(([uid, { title }], at) => ({ id: at + 1, uid, title, type: 'dash-db', tags: [], isStarred: false })) }
  }
  if (name === 'dashboard') {
    const dashboard = Object.hasOwn(state.dashboards, id) ? state.dashboards[id] : undefined
    return dashboard === undefined
      ? { status: 404, body: { message: 'Dashboard not found' } }
      : { status: 200, body: { meta: { type: 'db' }, dashboard: { ...dashboard, uid: id } } }
  }
  if (name === 'findAnnotations') {
    const wanted = query['tags'] ?? []
    const all = state.annotations.filter(({ tags }) => wanted.every((tag) => tags.includes(tag))).toSorted((a, b) => b.time - a.time)
    return { status: 200, body: all.slice(0, Number(query['limit']?.[0] ?? 100)) }
  }
  if (name === 'createAnnotation') {
    const { text, tags = [], time = Date.now(), timeEnd = time, dashboardUID = null, panelId = 0 } = PostAnnotation.parse(body)
    const of = { alertId: 0, dashboardId: 0, userId: 1, newState: '', prevState: '', data: {} }
    state.last += 1
    state.annotations.push({ ...of, id: state.last, dashboardUID, panelId, time, timeEnd, text, tags: kept(tags) })
    return { status: 200, body: { message: 'Annotation added', id: state.last } }
  }
  const at = state.annotations.findIndex((one) => one.id === Number(id))
  if (at < 0) return { status: 404, body: { message: 'Could not find annotation to delete' } }
  state.annotations.splice(at, 1)
  return { status: 200, body: { message: 'Annotation deleted' } }
}

interface State {
  readonly dashboards: Readonly<Record<string, { readonly title: string }>>
  readonly annotations: Annotation[]
  last: number
  maySee: boolean
}

export async function startGrafana({ dashboards = {} }: { readonly dashboards?: State['dashboards'] } = {}): Promise<Grafana> {
  const state: State = { dashboards, annotations: [], last: 0, maySee: false }
  const tokens = new Map<string, readonly string[]>()
  const faults: { method: string; fault: Fault }[] = []
  const [asked, violations]: [Grafana['asked'], string[]] = [[], []]

  function answered(request: IncomingMessage, url: URL, body: unknown): Answer {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const may = token === undefined ? grafana.anonymous : (tokens.get(token) ?? null)
    if (may === null) return { status: 401, body: { message: token === undefined ? 'Unauthorized' : 'Invalid API key' } }
    const [known] = (Object.entries(OPERATIONS) as [OperationName, Operation][]).flatMap(([name, operation]) => {
      const found = operation.method === request.method ? operation.path.exec(url.pathname) : null
      return found === null ? [] : [{ name, operation, found }]
    })
    if (known === undefined) {
      violations.push(`nothing is known of ${request.method} ${url.pathname}`)
      return { status: 501, body: { message: 'The double does not know this.' } }
    }
    const { name, found } = known
    const { answer, body: wanted, permission, query: asks } = known.operation
    if (permission !== null && !may.includes(permission))
      return { status: 403, body: { message: `You'll need additional permissions to perform this action. Permissions needed: ${permission}` } }
    const query = queryOf(url)
    const wrong = [asks.safeParse(query), wanted.safeParse(body)].flatMap(({ error }) => error?.issues ?? [])
    if (body !== undefined && request.headers['content-type'] !== 'application/json')
      wrong.push({ code: 'custom', path: [], message: 'no media type', input: '' })
    if (wrong.length > 0) {
      violations.push(...wrong.map(({ message, path: at }) => `${request.method} ${url.pathname}: ${at.join('.')} ${message}`))
      return { status: 400, body: { message: 'bad request data' } }
    }
    state.maySee = may.includes('dashboards:read')
    const said = performed(name, state, found, query, body)
    const odd = said.status === 200 ? answer.safeParse(said.body).error : undefined
    violations.push(...(odd?.issues ?? []).map(({ message, path: at }) => `the double answered ${name}: ${at.join('.')} ${message}`))
    return said
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://grafana.example')
    asked.push({ method: request.method ?? '', path: request.url ?? '', token: request.headers.authorization !== undefined })
    const body = await bodyOf(request)
    const at = faults.findIndex(({ method }) => method === request.method)
    const [fault] = at < 0 ? [] : faults.splice(at, 1).map((one) => one.fault)
    if (fault === 'before') return void response.destroy()
    if (fault === 'slow') return
    if (typeof fault === 'number') return void response.writeHead(fault, JSON_TYPE).end('{"message":"not now"}')
    if (fault === 'elsewhere') return void response.writeHead(302, { location: `${url.pathname}?again` }).end()
    if (fault === 'html') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Sign in</title>')
    if (fault === 'huge') return void response.writeHead(200, JSON_TYPE).end(Buffer.alloc(5 << 20, ' '))
    if (fault === 'cut') return void response.writeHead(200, { ...JSON_TYPE, 'content-length': '100' }).write('[', () => response.destroy())
    const { status, body: said } = answered(request, url, body)
    if (fault === 'after') return void response.destroy()
    response.writeHead(status, JSON_TYPE).end(JSON.stringify(said))
  }

  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const grafana: Grafana = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    annotations: state.annotations,
    asked,
    violations,
    anonymous: null,
    tokenOf(...permissions) {
      const token = `glsa_double_${tokens.size + 1}`
      tokens.set(token, permissions)
      return token
    },
    next: (method, fault) => void faults.push({ method, fault }),
    assertClean() {
      if (violations.length > 0) throw new Error(`Grafana would not have taken this: ${violations.join('; ')}`)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return grafana
}

const JSON_TYPE = { 'content-type': 'application/json' }
