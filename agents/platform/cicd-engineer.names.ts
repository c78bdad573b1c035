/**
 * Names in expressions that nothing has, read as GitHub reads them (its own lexer and parser, `@actions/expressions`). What GitHub refuses to run is an error,
 * and so is a condition that asks for what is not there, for it decides silently; elsewhere such a name is empty text, and a warning. Pure.
 */
import { Binary, ContextAccess, FunctionCall, Grouping, IndexAccess, Literal, Logical, Unary, type Expr } from '@actions/expressions/ast'
import { StringData } from '@actions/expressions/data/string'
import { Lexer } from '@actions/expressions/lexer'
import { Parser } from '@actions/expressions/parser'
import { locatedInAction, locatedInWorkflow, PLACES, type Located, type Place } from './cicd-engineer.places.ts'
import { actionScope, ANYTHING, CONTEXTS, EVENT_INPUTS, MAY_LACK, workflowScope, type Known } from './cicd-engineer.scopes.ts'
import type { Say } from './cicd-engineer.workflows.ts'

type Whole = Readonly<Record<string, unknown>>
type Scope = (context: string, located: Located) => Known

/** An end within a quoted text is none. */
const EXPRESSION = /\$\{\{((?:'[^']*'|[^'}]|\}(?!\}))*)\}\}/g
/** https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#functions */
const SPECIAL = [
  { name: 'always', minArgs: 0, maxArgs: 0 },
  { name: 'cancelled', minArgs: 0, maxArgs: 0 },
  { name: 'failure', minArgs: 0, maxArgs: 255 },
  { name: 'success', minArgs: 0, maxArgs: 255 },
  { name: 'hashFiles', minArgs: 1, maxArgs: 255 },
]
const MOST_SHOWN = 200

export function workflowNameFindings(workflow: Whole, say: Say): void {
  for (const located of locatedInWorkflow(workflow)) textFindings(located, workflowScope(workflow), say)
}

export function actionNameFindings(action: Whole, say: Say): void {
  for (const located of locatedInAction(action)) textFindings(located, actionScope(action), say)
}

function textFindings(located: Located, scope: Scope, say: Say): void {
  const { text, place } = located
  const isWhole = PLACES[place].condition && !text.includes('${{')
  const expressions = isWhole ? [text].filter((one) => one.trim() !== '') : [...text.matchAll(EXPRESSION)].map(([, inside = '']) => inside)
  const told = new Set<string>()
  const once: Say = (rule, severity, at, message, next) => {
    if (told.has(message)) return
    told.add(message)
    say(rule, severity, at, message, next)
  }
  for (const expression of expressions) expressionFindings(expression, located, scope, once)
  if (PLACES[place].condition && expressions.length > 0 && !isWhole && text.replaceAll(EXPRESSION, '').trim() !== '')
    say(
      'always-true',
      'error',
      located.at,
      `${shown(text)} has text around its expression, so it is text, and a text is always true`.slice(0, 1000),
      'Put all of it into one `${{ }}`, or write it without.',
    )
}

function expressionFindings(text: string, located: Located, scope: Scope, say: Say): void {
  const refused = (why: string, next: string): void =>
    say('broken-expression', 'error', located.at, `GitHub refuses ${shown(text)}: ${why}`.slice(0, 1000), next)
  let parsed: Expr | undefined
  try {
    parsed = new Parser(new Lexer(text).lex().tokens, [...CONTEXTS], SPECIAL).parse() as Expr | undefined
  } catch (error) {
    refused(error instanceof Error ? error.message : 'it cannot be read', 'Write it as the page on expressions has it.')
    return
  }
  if (parsed === undefined) {
    refused('it is empty', 'Say what it is to be.')
    return
  }
  const place: Place = PLACES[located.place]
  for (const { name, path } of asked(parsed)) {
    if (path === null) {
      const isSpecial = SPECIAL.some((one) => one.name.toLowerCase() === name)
      if (isSpecial && ![...place.functions].some((one) => one.toLowerCase() === name))
        refused(`${name}() may not be called here`, 'Call it in an `if`, or, if it is hashFiles, in a step.')
    } else if (!place.contexts.has(name)) refused(`there is no ${name} here`, `Ask for one of ${[...place.contexts].join(', ')}.`)
    else if (name === 'github' && path[0]?.toLowerCase() === 'event' && path[1]?.toLowerCase() === 'inputs')
      missing(EVENT_INPUTS, path.slice(2), scope(EVENT_INPUTS, located), located, say)
    else missing(name, path, scope(name, located), located, say)
  }
}

function missing(context: string, path: readonly string[], known: Known, { at, place }: Located, say: Say): void {
  let below = known
  for (const [index, part] of path.entries()) {
    if (below === ANYTHING) return
    const next = below.get(part.toLowerCase())
    if (next !== undefined) {
      below = next
      continue
    }
    const name = [context, ...path.slice(0, index + 1)].join('.').slice(0, MOST_SHOWN)
    const has = [...below.keys()].join(', ').slice(0, 300) || 'nothing'
    const decides = PLACES[place].condition && !MAY_LACK.has(context)
    const severity = decides ? 'error' : 'warning'
    const effect = decides ? ', so this condition never sees it' : ', so it is always empty'
    say(
      'unknown-name',
      severity,
      at,
      `Nothing is called ${name} here${effect}`,
      `Name what is there: ${[context, ...path.slice(0, index)].join('.')} has ${has}.`,
    )
    return
  }
}

interface Asked {
  /** Lower case. */
  readonly name: string
  /** What is asked below a context as far as it stands there; null: a function. */
  readonly path: readonly string[] | null
}

function asked(expression: Expr): Asked[] {
  if (expression instanceof ContextAccess) return [{ name: expression.name.lexeme.toLowerCase(), path: [] }]
  if (expression instanceof FunctionCall)
    return [{ name: expression.functionName.lexeme.toLowerCase(), path: null }, ...expression.args.flatMap(asked)]
  if (expression instanceof Unary) return asked(expression.expr)
  if (expression instanceof Grouping) return asked(expression.group)
  if (expression instanceof Binary) return [...asked(expression.left), ...asked(expression.right)]
  if (expression instanceof Logical) return expression.args.flatMap(asked)
  return expression instanceof IndexAccess ? indexed(expression) : []
}

/** `a.b['c'][d].e` asks for a.b.c, and for d; what is below d nobody knows. */
function indexed({ expr, index }: IndexAccess): Asked[] {
  const [first, ...rest] = asked(expr)
  const own = index instanceof Literal && index.literal instanceof StringData ? index.literal.value : null
  const isPlain = expr instanceof ContextAccess || (expr instanceof IndexAccess && isStatic(expr))
  const inside = own === null ? asked(index) : []
  if (first === undefined) return inside
  return [own !== null && isPlain && first.path !== null ? { ...first, path: [...first.path, own] } : first, ...rest, ...inside]
}

/** All that it goes through stands there. */
function isStatic({ expr, index }: IndexAccess): boolean {
  return (
    index instanceof Literal &&
    index.literal instanceof StringData &&
    (expr instanceof ContextAccess || (expr instanceof IndexAccess && isStatic(expr)))
  )
}

function shown(text: string): string {
  return `\`${text.trim().replaceAll(/\s+/g, ' ').slice(0, MOST_SHOWN)}\``
}
