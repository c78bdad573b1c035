/** Checks requests, answers and webhooks against GitHub's own OpenAPI descriptions, unknown keys included. Schemas are compiled when first needed. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { deref, hookContracts, restContracts, type Contracts, type Operation, type Parameter, type Schema } from './document.ts'
import { EMAIL } from './corrections.ts'
import { unknownKeys } from './known.ts'

const FREE = { repo: true, timezone: true, 'ssh-key': true, 'repo.nwo': true, binary: true, timestamp: true } as const

const compiler = (contracts: Contracts, draft: '7' | '2020'): ((schema: Schema) => ValidateFunction) => {
  const options = { strict: false, allErrors: true, validateFormats: true, formats: { ...FREE } }
  const ajv = draft === '7' ? new Ajv(options) : new Ajv2020(options)
  addFormats.default(ajv)
  ajv.addFormat('email', EMAIL)
  ajv.addSchema({ $id: 'gh', components: contracts.components })
  const done = new Map<Schema, ValidateFunction>()
  return (schema) => {
    let ready = done.get(schema)
    if (!ready) {
      ready = ajv.compile(absolute(schema) as object)
      done.set(schema, ready)
    }
    return ready
  }
}

/** The same schema with `#/components` references made absolute. */
const absolute = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(absolute)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, key === '$ref' && typeof value === 'string' ? `gh${value}` : absolute(value)]),
  )
}

let rest: ((schema: Schema) => ValidateFunction) | undefined
let hooks: ((schema: Schema) => ValidateFunction) | undefined
const compileRest = (schema: Schema): ValidateFunction => (rest ??= compiler(restContracts(), '7'))(schema)
const compileHook = (schema: Schema): ValidateFunction => (hooks ??= compiler(hookContracts(), '2020'))(schema)

const problemsOf = (check: ValidateFunction, data: unknown): string[] => {
  if (check(data)) return []
  return (check.errors ?? [])
    .slice(0, 20)
    .map((one) => `${one.instancePath || '/'} ${one.message ?? ''}${one.keyword === 'enum' ? ` ${JSON.stringify(one.params)}` : ''}`)
}

export interface Problems {
  /** Wrong by the published schema. */
  readonly invalid: readonly string[]
  /** Keys the published schema does not name. */
  readonly unknown: readonly string[]
}

const operations = new Map<string, Operation>()

/** The published operation, or null when it is not in the extract. @param method upper case @param path template, e.g. `/repos/{owner}/{repo}` */
export const operationOf = (method: string, path: string): Operation | null => {
  const key = `${method.toLowerCase()} ${path}`
  const cached = operations.get(key)
  if (cached) return cached
  const contracts = restContracts()
  const entry = contracts.entries[key]
  if (!entry) return null
  const parameters = ((entry['parameters'] ?? []) as Schema[]).map((one) => {
    const parameter = deref(contracts, one) as unknown as Parameter
    return { ...parameter, schema: parameter.schema }
  })
  const operation: Operation = { ...(entry as unknown as Operation), method, path, parameters }
  operations.set(key, operation)
  return operation
}

const parameterValue = (schema: Schema, raw: string): unknown => {
  const type = deref(restContracts(), schema)['type']
  if (type === 'integer' && /^-?\d+$/.test(raw)) return Number(raw)
  if (type === 'boolean' && (raw === 'true' || raw === 'false')) return raw === 'true'
  if (type === 'array') return raw.split(',')
  return raw
}

/** Query parameters of a request, checked and converted. */
export const checkQuery = (operation: Operation, query: URLSearchParams): Problems & { readonly values: Record<string, unknown> } => {
  const values: Record<string, unknown> = {}
  const invalid: string[] = []
  const unknown: string[] = []
  for (const [name, raw] of query) {
    const parameter = operation.parameters.find((one) => one.in === 'query' && one.name === name)
    if (!parameter) {
      unknown.push(`?${name}`)
      continue
    }
    values[name] = parameterValue(parameter.schema, raw)
    invalid.push(...problemsOf(compileRest(parameter.schema), values[name]).map((problem) => `?${name}${problem}`))
  }
  for (const one of operation.parameters) if (one.in === 'query' && one.required && !(one.name in values)) invalid.push(`?${one.name} is required`)
  return { values, invalid, unknown }
}

/** A JSON request body; `undefined` when there was none. */
export const checkBody = (operation: Operation, body: unknown): Problems => {
  const schema = operation.requestBody?.content['application/json']?.schema
  if (!schema)
    return {
      invalid: [],
      unknown: body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0) ? [] : ['/ (no body is defined)'],
    }
  if (body === undefined) return { invalid: operation.requestBody?.required ? ['/ a body is required'] : [], unknown: [] }
  return { invalid: problemsOf(compileRest(schema), body), unknown: unknownKeys(restContracts(), [schema], body) }
}

const PLAIN: Schema = { $ref: '#/components/schemas/basic-error' }
const REFUSED: Schema = { anyOf: [PLAIN, { $ref: '#/components/schemas/validation-error' }] }
const PLAIN_ERRORS = new Set(['400', '401', '403', '404', '405', '409', '422', '429', '500', '501', '502', '503'])

/** A JSON answer of the double. `body` undefined: an answer without body. */
export const checkAnswer = (operation: Operation, status: number, body: unknown): Problems => {
  const contracts = restContracts()
  const entry = operation.responses[String(status)]
  const response = entry ? (deref(contracts, entry) as { content?: Record<string, { schema: Schema }> }) : undefined
  const found = response?.content?.['application/json']?.schema
  const schema = found ?? (status === 422 ? REFUSED : PLAIN_ERRORS.has(String(status)) ? PLAIN : undefined)
  if (!response && status < 400 && status !== 304) return { invalid: [`status ${status} is not documented for this operation`], unknown: [] }
  if (!schema) return { invalid: body === undefined ? [] : [`status ${status} has no JSON body`], unknown: [] }
  if (body === undefined) return { invalid: [`status ${status} needs a body`], unknown: [] }
  return { invalid: problemsOf(compileRest(schema), body), unknown: unknownKeys(contracts, [schema], body) }
}

/** A webhook's payload. @param name `pull-request-opened`, `push` */
export const checkWebhook = (name: string, payload: unknown): Problems => {
  const contracts = hookContracts()
  const schema = contracts.entries[name]?.['schema'] as Schema | undefined
  if (!schema) return { invalid: [`the event ${name} is not in test/fixtures/github/used.json`], unknown: [] }
  return { invalid: problemsOf(compileHook(schema), payload), unknown: unknownKeys(contracts, [schema], payload) }
}
