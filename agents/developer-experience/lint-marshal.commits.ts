/**
 * Conventional commits, by commitlint's own rules and its conventional config. `@commitlint/lint` is asynchronous only because a config may bring
 * asynchronous rules and parsers; the rules themselves are pure and synchronous, so they are called directly.
 */
import config from '@commitlint/config-conventional'
import rules from '@commitlint/rules'
import type { Commit as ParsedCommit } from 'conventional-commits-parser'
import type { Finding } from '../../evidence/model/finding.ts'
import type { Commit } from '../collect/inputs.ts'
import { parseMessage } from './lint-marshal.conventional.ts'

/** What a rule and its setting look like here: every rule of the conventional config is synchronous. */
type Rule = (parsed: ParsedCommit, when: string, value: unknown) => readonly [boolean, string?]
type Setting = readonly [level: number, when: string, value?: unknown]

const ERROR = 2

/** A commit of the release -> what commitlint says about its message. Merges are left out: Git wrote their message. */
export function commitFindings(commit: Commit): Finding[] {
  if (commit.parents.length > 1) return []
  const short = commit.sha.slice(0, 12)
  const next = 'Reword the commit: `<type>(<scope>): <subject>`, type one of the conventional ones, lower case, at most 100 characters a line.'
  const raw = commit.body === '' ? commit.subject : `${commit.subject}\n\n${commit.body}`
  if (commit.subject.trim() === '') return [{ rule: 'commit.subject-empty', severity: 'error', message: `${short} has no message`, next }]
  const parsed = parseMessage(raw)
  const findings: Finding[] = []
  for (const [name, setting] of Object.entries(config.rules) as unknown as [keyof typeof rules, Setting][]) {
    const [level, when, value] = setting
    const [valid, said] = (rules[name] as unknown as Rule)(parsed, when, value)
    if (valid) continue
    const message = `${short} "${commit.subject.slice(0, 100)}": ${said ?? name}`.slice(0, 1000)
    findings.push({ rule: `commit.${name}`, severity: level === ERROR ? 'error' : 'warning', message, next })
  }
  return findings
}
