/** The way of a request: who asks, what was asked, may it, does it fit GitHub's description, what happens, does the answer fit. */
import { createHash, createPublicKey } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { checkAnswer, checkBody, checkQuery, operationOf } from '../contract/index.ts'
import type { Operation } from '../contract/document.ts'
import type { Bus } from '../hook/bus.ts'
import { invalid, notFound, Refusal } from '../world/error.ts'
import type { Actor, Json, Repository } from '../world/model.ts'
import { findRepository, type World } from '../world/world.ts'
import { admit } from './access.ts'
import { blob } from './blobs.ts'
import { route, type Answer, type Call, type Route } from './call.ts'
import type { FaultPlan } from './faults.ts'
import { createsContent, type Limiter } from './limits.ts'
import { table } from './table.ts'
import { authenticate } from './tokens.ts'
import { isOfWebFlow, webFlow } from './web-flow.ts'

const MAX_BODY = 64_000_000
const DOCS = 'https://docs.github.com/rest'
const VERSIONS = new Set(['2022-11-28', '2026-03-10'])

export interface Parts {
  readonly world: World
  readonly bus: Bus
  readonly plan: FaultPlan
  readonly limiter: Limiter
  readonly routes: readonly Route[]
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new Refusal(413, 'The request body is too large.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const errorAnswer = (refusal: Refusal): Answer => ({
  status: refusal.status,
  body: { message: refusal.message, documentation_url: DOCS, ...(refusal.errors ? { errors: refusal.errors } : {}) },
  headers: refusal.headers,
})

const sendAnswer = (response: ServerResponse, answer: Answer, headers: Readonly<Record<string, string>>): void => {
  const bytes = answer.raw ? Buffer.from(answer.raw.bytes) : answer.body === undefined ? null : Buffer.from(JSON.stringify(answer.body))
  response.writeHead(answer.status, {
    ...headers,
    ...(bytes ? { 'content-type': answer.raw?.type ?? 'application/json; charset=utf-8', 'content-length': String(bytes.length) } : {}),
    ...answer.headers,
  })
  response.end(bytes ?? undefined)
}

/** Reads a JSON body. Uploads carry bytes and are not parsed. */
const parseBody = (operation: Operation, bytes: Buffer): unknown => {
  if (bytes.length === 0 || operation.operationId === 'repos/upload-release-asset') return undefined
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown
  } catch {
    throw new Refusal(400, 'Problems parsing JSON')
  }
}

/** Contract of the request. An unknown key is refused and recorded; a wrong value is only refused, as GitHub does. */
const checkRequest = (world: World, operation: Operation, url: URL, body: unknown): Readonly<Record<string, unknown>> => {
  const query = checkQuery(operation, url.searchParams)
  const sent = operation.operationId === 'repos/upload-release-asset' ? { invalid: [], unknown: [] } : checkBody(operation, body)
  const unknown = [...query.unknown, ...sent.unknown]
  const where = `${operation.method} ${operation.path}`
  if (unknown.length > 0) {
    world.violations.push({ kind: 'unknown-key', where, problems: unknown })
    throw invalid(`Invalid request.\n\n${unknown.join(', ')} is not a permitted key.`)
  }
  const wrong = [...query.invalid, ...sent.invalid]
  if (wrong.length > 0) throw invalid(`Invalid request.\n\n${wrong.join('\n')}`)
  return query.values
}

/** The double's own answer against the contract; a wrong one is a fault of the double, and turns the suite red. */
const checked = (world: World, plan: FaultPlan, operation: Operation, given: Answer): Answer => {
  if (given.raw) return given
  const answer = { ...given, ...(given.body !== undefined && { body: plan.renamed(`${operation.method} ${operation.path}`, given.body) }) }
  const body = answer.body === undefined ? undefined : (JSON.parse(JSON.stringify(answer.body)) as unknown)
  const { invalid: wrong, unknown } = checkAnswer(operation, answer.status, body)
  if (wrong.length + unknown.length === 0) return answer
  const problems = [...wrong, ...unknown.map((key) => `unknown key ${key}`)]
  world.violations.push({ kind: 'answer', where: `${operation.method} ${operation.path} ${answer.status}`, problems })
  return {
    status: 500,
    body: { message: `the double of GitHub gave an answer that GitHub would not: ${problems.slice(0, 3).join('; ')}`, documentation_url: DOCS },
  }
}

const repositoryFor = (world: World, params: Readonly<Record<string, string>>): Repository | null => {
  const { owner, repo } = params
  if (owner === undefined || repo === undefined) return null
  const found = findRepository(world, owner, repo)
  if (!found) throw notFound()
  return found
}

const rateRoute = (limiter: Limiter): Route =>
  route('GET', '/rate_limit', (call) => {
    const core = limiter.state(call.actor)
    return {
      status: 200,
      body: {
        resources: {
          core,
          search: { limit: 30, remaining: 30, reset: core.reset, used: 0 },
          graphql: { limit: 5000, remaining: 5000, reset: core.reset, used: 0 },
        },
        rate: core,
      },
    }
  })

/** What lies beside the REST API: the web flow of Apps, signed downloads, and the keys of identity tokens. */
const beside = async (world: World, request: IncomingMessage, url: URL): Promise<Answer | null> => {
  if (isOfWebFlow(url.pathname)) return webFlow(world, { request, url, bytes: await readBody(request) })
  if (url.pathname.startsWith('/_blob/')) {
    const bytes = await blob(world, url)
    return bytes
      ? { status: 200, raw: { bytes, type: 'application/octet-stream' } }
      : { status: 403, body: { message: 'Server failed to authenticate the request.' } }
  }
  const issuer = `${world.base}/_oidc`
  if (url.pathname === '/_oidc/.well-known/openid-configuration')
    return {
      status: 200,
      body: {
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
      },
    }
  if (url.pathname === '/_oidc/.well-known/jwks')
    return {
      status: 200,
      body: { keys: [{ ...createPublicKey(world.oidc.publicKey).export({ format: 'jwk' }), kid: world.oidc.kid, alg: 'RS256', use: 'sig' }] },
    }
  return null
}

export const serve = (parts: Parts): Server => {
  const { world, bus, plan, limiter } = parts
  const find = table([...parts.routes, rateRoute(limiter)])

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = request.method ?? 'GET'
    const url = new URL(request.url ?? '/', world.base)
    const headers: Record<string, string> = { 'x-github-media-type': 'github.v3; format=json', 'x-github-request-id': crypto.randomUUID() }
    let actor: Actor = { kind: 'anonymous' }
    let operationPath = ''
    const send = (answer: Answer): void => {
      world.asked.push({ by: actor.kind, method, operation: operationPath, status: answer.status, content: createsContent(method, operationPath) })
      sendAnswer(response, answer, { ...headers, ...rated() })
    }
    const rated = (): Record<string, string> => {
      const { limit, remaining, reset, used } = limiter.state(actor)
      return {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(remaining),
        'x-ratelimit-reset': String(reset),
        'x-ratelimit-used': String(used),
        'x-ratelimit-resource': 'core',
      }
    }
    try {
      const aside = await beside(world, request, url)
      if (aside) {
        sendAnswer(response, aside, {})
        return
      }
      const bytes = await readBody(request)
      const prefix = ['/api/v3', '/api/uploads'].find((each) => url.pathname.startsWith(`${each}/`))
      const match = prefix === undefined ? null : find(method, url.pathname.slice(prefix.length))
      const operation = match ? operationOf(match.route.method, match.route.path) : null
      const isUpload = operation?.operationId === 'repos/upload-release-asset'
      if (!match || !operation || isUpload !== (prefix === '/api/uploads')) {
        world.violations.push({
          kind: 'unknown-operation',
          where: `${method} ${url.pathname}`,
          problems: ['the double of GitHub does not know this operation'],
        })
        throw new Refusal(501, `the double of GitHub does not know ${method} ${url.pathname}`)
      }
      if (!request.headers['user-agent'])
        throw new Refusal(403, 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.')
      const version = request.headers['x-github-api-version']
      if (typeof version === 'string' && !VERSIONS.has(version)) throw new Refusal(400, `"${version}" is not a supported API version.`)
      operationPath = match.route.path
      headers['x-github-api-version-selected'] = typeof version === 'string' ? version : '2022-11-28'
      actor = authenticate(world, request.headers.authorization).actor
      const rateFree = match.route.path === '/rate_limit'
      if (!rateFree) limiter.take(actor, method, match.route.path)
      const fault = plan.api(method, url.pathname)
      if (fault === 'before') throw new Refusal(502, 'Server Error')
      if (typeof fault === 'number') throw new Refusal(fault, 'Server Error')
      const answer = await answerOf(match.route, operation, match.params, { request, url, bytes, actor })
      if (fault === 'after') throw new Refusal(502, 'Server Error')
      if (method === 'GET' && answer.status === 200 && answer.body !== undefined) {
        const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`
        headers['etag'] = etag
        if (request.headers['if-none-match'] === etag) {
          limiter.giveBack(actor)
          send({ status: 304 })
          return
        }
      }
      send(answer)
    } catch (error) {
      const refusal =
        error instanceof Refusal
          ? error
          : new Refusal(500, `the double of GitHub failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      if (!(error instanceof Refusal)) world.violations.push({ kind: 'answer', where: `${method} ${url.pathname}`, problems: [refusal.message] })
      send(errorAnswer(refusal))
    }
  }

  const answerOf = async (
    found: Route,
    operation: Operation,
    params: Readonly<Record<string, string>>,
    of: { readonly request: IncomingMessage; readonly url: URL; readonly bytes: Buffer; readonly actor: Actor },
  ): Promise<Answer> => {
    const work = async (): Promise<Answer> => {
      try {
        const repository = repositoryFor(world, params)
        admit(operation.operationId, of.actor, repository)
        const body = parseBody(operation, of.bytes)
        const query = checkRequest(world, operation, of.url, body)
        const call = {
          world,
          bus,
          method: operation.method,
          params,
          query,
          body: (body ?? {}) as Json,
          bytes: of.bytes,
          headers: of.request.headers,
          actor: of.actor,
          get repository(): Repository {
            if (!repository) throw notFound()
            return repository
          },
          url: of.url,
        } satisfies Call
        return checked(world, plan, operation, await found.handle(call))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return checked(world, plan, operation, errorAnswer(error))
      }
    }
    return await world.exclusively(work)
  }

  return createServer((request, response) => {
    void handle(request, response)
  })
}
