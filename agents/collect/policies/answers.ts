/**
 * What rules of a package say -> what is not let through, as Conftest reads it: https://www.conftest.dev/#evaluating-policies. Where Conftest lets an answer
 * pass because it is no list (`deny := true`, `deny := "no"`), it counts here: a rule that says no means it. Pure.
 */
import type { PolicyAnswer, PolicyResult } from '../inputs.policies.ts'

const RULE = /^(?:deny|violation|warn)(?:_[A-Za-z0-9]+)*$/
/** Why nothing is answered, when the policy itself is what is wrong. */
export const NOT_COMPILED = 'the policy cannot be asked at all'
const MOST_RESULTS = 100
const MOST_SAID = 1000

/** Is it asked, by its name? */
export function isAsked(rule: string): boolean {
  return RULE.test(rule)
}

/** @param values by rule: what it answers; a rule that is undefined for this document has none */
export function answerOf(document: number, name: string, values: ReadonlyMap<string, unknown>): PolicyAnswer {
  const exceptions = new Set(exceptedNames(values.get('exception')))
  const asked = [...values.keys()].filter(isAsked).toSorted()
  const excepted = asked.filter((rule) => exceptions.has(rule.replace(/^(?:deny|violation|warn)_?/, '')))
  const results = asked.filter((rule) => !excepted.includes(rule)).flatMap((rule) => resultsOf(rule, values.get(rule)))
  return {
    document,
    package: name,
    results: results.slice(0, MOST_RESULTS),
    more: Math.max(0, results.length - MOST_RESULTS),
    excepted: excepted.filter((rule) => resultsOf(rule, values.get(rule)).length > 0).slice(0, 200),
    problem: null,
  }
}

export function unanswered(document: number, name: string, why: string): PolicyAnswer {
  return { document, package: name, results: [], more: 0, excepted: [], problem: why.slice(0, MOST_SAID) || 'it gave no answer' }
}

/** `exception contains ["latest"] if …` switches `deny_latest`, `violation_latest` and `warn_latest` off; `""` is the rule without a suffix. */
function exceptedNames(value: unknown): string[] {
  return below(value)
    .flatMap(below)
    .filter((name): name is string => typeof name === 'string')
}

function below(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

function resultsOf(rule: string, value: unknown): PolicyResult[] {
  if (value === undefined || value === false || value === null) return []
  if (Array.isArray(value)) return value.map((one: unknown) => ({ rule, message: messageOf(one) }))
  if (typeof value === 'object' && !('msg' in value) && Object.keys(value).length === 0) return []
  return [{ rule, message: value === true ? `${rule} holds` : messageOf(value) }]
}

function messageOf(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, MOST_SAID) || 'no message'
  const message: unknown = typeof value === 'object' && value !== null && 'msg' in value ? value.msg : undefined
  if (typeof message === 'string') return message.slice(0, MOST_SAID) || 'no message'
  return `no message, but ${JSON.stringify(value)}`.slice(0, MOST_SAID)
}
