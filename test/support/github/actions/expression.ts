/** Expressions `${{ }}`, parsed and evaluated by GitHub's own library; what a place does not offer, or a strict context does not hold, is refused by name. */
import { data, Evaluator, Lexer, Parser, type Expr } from '@actions/expressions'
import { RunnerError } from './error.ts'
import { PLACES, type PlaceName } from './places.ts'

type Data = data.Dictionary | data.Array | data.StringData | data.NumberData | data.BooleanData | data.Null

/** How things stand, for `success()` and its siblings. */
export interface Status {
  readonly success: boolean
  readonly failure: boolean
  readonly cancelled: boolean
}

export interface Scope {
  readonly contexts: Readonly<Record<string, Data>>
  readonly status?: Status
}

class Strict extends data.Dictionary {
  readonly #name: string
  constructor(name: string, members: Readonly<Record<string, unknown>>) {
    super()
    this.#name = name
    for (const [key, value] of Object.entries(members)) this.add(key, toData(value))
  }
  override get(key: string): Data | undefined {
    const value = super.get(key)
    if (value === undefined) throw new RunnerError('unknown-value', `${this.#name}.${key} does not exist here`)
    return value
  }
}

/** JSON value, or data already made -> expression data; a missing member reads as null, like GitHub's. */
export function toData(value: unknown): Data {
  if (isData(value)) return value
  return JSON.parse(JSON.stringify(value), data.reviver) as Data
}

function isData(value: unknown): value is Data {
  return [data.Dictionary, data.Array, data.StringData, data.NumberData, data.BooleanData, data.Null].some((kind) => value instanceof kind)
}

/** A context whose members are all known: reading another one is an error, not an empty string. */
export function strict(name: string, members: Readonly<Record<string, unknown>>): Data {
  return new Strict(name, members)
}

const STATUS = ['success', 'failure', 'always', 'cancelled'] as const

function statusFunctions(status: Status) {
  const values = { success: status.success, failure: status.failure, always: true, cancelled: status.cancelled }
  return new Map(STATUS.map((name) => [name as string, { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(values[name]) }]))
}

function parse(source: string, at: PlaceName, where: string): Expr {
  try {
    const place = PLACES[at]
    const functions = place.status ? STATUS.map((name) => ({ name, minArgs: 0, maxArgs: 0 })) : []
    const expression = new Parser(new Lexer(source).lex().tokens, [...place.contexts], functions).parse() as Expr | undefined
    if (expression === undefined) throw new RunnerError('bad-expression', 'the expression is empty')
    return expression
  } catch (error) {
    throw new RunnerError('bad-expression', `${where}: \${{ ${source.trim()} }}: ${(error as Error).message}`, { cause: error })
  }
}

function run(source: string, at: PlaceName, scope: Scope, where: string): Data {
  const expression = parse(source, at, where)
  const contexts = new data.Dictionary()
  for (const name of PLACES[at].contexts) contexts.add(name, scope.contexts[name] ?? new data.Dictionary())
  const functions = scope.status === undefined ? undefined : statusFunctions(scope.status)
  try {
    return new Evaluator(expression, contexts, functions).evaluate()
  } catch (error) {
    const inner = error instanceof Error && error.cause instanceof RunnerError ? error.cause : error
    const code = inner instanceof RunnerError ? inner.code : 'bad-expression'
    throw new RunnerError(code, `${where}: \${{ ${source.trim()} }}: ${(inner as Error).message}`, { cause: error })
  }
}

type Segment = { readonly text: string } | { readonly source: string }

/** Splits a template; a quoted `}}` belongs to its string. @throws RunnerError `bad-expression` */
function segments(template: string, where: string): Segment[] {
  const found: Segment[] = []
  let rest = template
  for (;;) {
    const open = rest.indexOf('${{')
    if (open < 0) break
    if (open > 0) found.push({ text: rest.slice(0, open) })
    const body = /^(?:[^'}]|'(?:[^']|'')*'|\}(?!\}))*/.exec(rest.slice(open + 3))?.[0] ?? ''
    const close = open + 3 + body.length
    if (rest.slice(close, close + 2) !== '}}') throw new RunnerError('bad-expression', `${where}: \${{ without }}`)
    found.push({ source: body })
    rest = rest.slice(close + 2)
  }
  if (rest !== '') found.push({ text: rest })
  return found
}

/** A template that is one expression keeps its type; anything else is text. */
export function evaluate(template: string, at: PlaceName, scope: Scope, where: string): Data {
  const parts = segments(template, where)
  const [first] = parts
  if (parts.length === 1 && first !== undefined && 'source' in first) return run(first.source, at, scope, where)
  return new data.StringData(parts.map((part) => ('text' in part ? part.text : run(part.source, at, scope, where).coerceString())).join(''))
}

export function text(template: string, at: PlaceName, scope: Scope, where: string): string {
  return evaluate(template, at, scope, where).coerceString()
}

const condition = (template: string, where: string): string => {
  const parts = segments(template, where)
  const [first] = parts
  if (parts.length === 1 && first !== undefined && 'source' in first) return first.source
  if (parts.some((part) => 'source' in part)) throw new RunnerError('bad-expression', `${where}: an if is one expression, or is always true`)
  return template
}

/** An `if`; without a status function in it, it stands behind `success()`. */
export function holds(template: string | undefined, at: 'job-if' | 'step-if', scope: Scope & { readonly status: Status }, where: string): boolean {
  if (template === undefined) return scope.status.success
  const source = condition(template, where)
  parse(source, at, where)
  const asks = /\b(success|failure|always|cancelled)\s*\(/i.test(source.replaceAll(/'(?:[^']|'')*'/g, ''))
  return truthy(run(asks ? source : `success() && (${source})`, at, scope, where))
}

function truthy(value: Data): boolean {
  if (value instanceof data.BooleanData) return value.value
  if (value instanceof data.Null) return false
  if (value instanceof data.NumberData) return value.number() !== 0 && !Number.isNaN(value.number())
  if (value instanceof data.StringData) return value.coerceString() !== ''
  return true
}

/** Expression data -> JSON value. */
export function plain(value: Data): unknown {
  return JSON.parse(JSON.stringify(value, data.replacer))
}

/** Static check of one template, before anything runs. */
export function check(template: string | undefined, at: PlaceName, where: string): void {
  if (template === undefined) return
  if (at === 'job-if' || at === 'step-if') {
    parse(condition(template, where), at, where)
    return
  }
  for (const part of segments(template, where)) if ('source' in part) parse(part.source, at, where)
}
