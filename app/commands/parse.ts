/**
 * A comment's text -> the one command on its first line, or why not. The grammar is exact on purpose: a quoted reply, a code block, an e-mail signature,
 * an invisible character or a second command must never move traffic (trap T29, SECURITY row 21). Nothing here is ever given to a shell.
 */
import { z } from 'zod'
import { nearest } from '../../evidence/config/nearest.ts'
import { GateId, Phase } from '../../evidence/model/phases.ts'
import { Version } from '../../evidence/model/primitives.ts'
import { HOTFIX, WaivableGate } from '../../evidence/model/predicate/waiver.ts'
import { PreviewName, PREVIEW_ACTIONS } from '../../evidence/model/preview.ts'
import { COMMANDS } from './command.ts'
import type { Command, CommandName } from './command.ts'

export type Mistake = 'usage' | 'plan' | 'reason' | 'target' | 'invisible' | 'several' | 'too-long'

export type Parsed =
  | { readonly kind: 'command'; readonly command: Command }
  /** No such word. `said` is at most 40 plain letters and hyphens. */
  | { readonly kind: 'unknown'; readonly said: string; readonly suggestion: CommandName | null }
  /** The right word, said wrongly: no effect, and `message` tells how. */
  | { readonly kind: 'malformed'; readonly name: CommandName; readonly mistake: Mistake; readonly message: string; readonly usage: string }

const MAX_LINE = 1000
const LONGEST_VERSION = 60
export const REASON_MIN = 3
export const REASON_MAX = 500

const Waivable = z.enum([...WaivableGate.options, HOTFIX])

const NAMES = Object.keys(COMMANDS) as readonly CommandName[]

/** Not printable, or not to be seen: control, format, private, surrogate and unassigned characters, separators but the plain space, blank letters. */
const UNPRINTABLE = /\p{C}|\p{Zl}|\p{Zp}|(?! )\p{Zs}|\p{Default_Ignorable_Code_Point}|\u2800/u

/** Null: the comment is no command and nobody should answer it. */
export function parse(body: string): Parsed | null {
  const lines = body.replace(/\r\n?/g, '\n').split('\n')
  const first = (lines[0] ?? '').slice(0, MAX_LINE + 1).replace(/ +$/, '')
  const word = /^\/([A-Za-z][A-Za-z-]{0,39})(?= |$)/.exec(first)?.[1]
  if (word === undefined) return hidden(first)
  const name = NAMES.find((known) => known === word)
  if (name === undefined) return { kind: 'unknown', said: word, suggestion: NAMES.find((known) => known === nearest(word, NAMES)) ?? null }
  const wrong = (mistake: Mistake, message: string): Parsed => ({ kind: 'malformed', name, mistake, message, usage: COMMANDS[name].usage })

  if (first.length > MAX_LINE) return wrong('too-long', `The line has more than ${MAX_LINE} characters.`)
  if (UNPRINTABLE.test(first)) return wrong('invisible', 'The line holds a character that cannot be seen. Type it by hand.')
  if (lines.slice(1).some(startsCommand)) return wrong('several', 'There is a second command below. One comment, one command.')
  return argumentsOf(name, first.slice(word.length + 1), reasonBelow(lines[1]), wrong)
}

/** Of an elevated command, `reason: …` on the line below it. Null: there is none. */
function reasonBelow(line: string | undefined): string | null {
  return /^[Rr]eason: ?(.*)$/.exec(line?.trimEnd() ?? '')?.[1] ?? null
}

/** `rest` is empty, or starts with the space after the word. */
function argumentsOf(name: CommandName, rest: string, below: string | null, wrong: (mistake: Mistake, message: string) => Parsed): Parsed {
  switch (name) {
    case 'promote':
    case 'approve': {
      const unfit = below === null ? null : unfitReason(below)
      if (unfit !== null) return wrong('reason', unfit)
      if (name === 'promote') return promote(rest, below, wrong)
      return rest === '' ? { kind: 'command', command: { name, reason: below } } : wrong('usage', `/${name} takes nothing more on its line.`)
    }
    case 'rollback':
    case 'hold':
    case 'break-glass':
      return withReason(name, rest, wrong)
    case 'waive':
      return waive(rest, wrong)
    case 'rerun':
      return rerun(rest, wrong)
    case 'preview':
      return preview(rest, wrong)
    case 'release':
      return release(rest, wrong)
    default:
      return rest === '' ? { kind: 'command', command: { name } } : wrong('usage', `/${name} takes nothing more on its line.`)
  }
}

function promote(rest: string, reason: string | null, wrong: (mistake: Mistake, message: string) => Parsed): Parsed {
  const match = /^(?: (10|50|100))?(?: plan:([0-9a-f]{32}))?$/.exec(rest)
  if (match === null)
    return / plan:/.test(rest)
      ? wrong('plan', 'After plan: come exactly 32 digits 0-9 a-f, and nothing after them; before it at most 10, 50 or 100.')
      : wrong('usage', 'After /promote come at most 10, 50 or 100, and the plan id.')
  const step = match[1] === undefined ? null : (Number(match[1]) as 10 | 50 | 100)
  return { kind: 'command', command: { name: 'promote', step, plan: match[2] ?? null, reason } }
}

function withReason(name: 'rollback' | 'hold' | 'break-glass', rest: string, wrong: (mistake: Mistake, message: string) => Parsed): Parsed {
  const reason = rest.slice(1)
  if (name === 'rollback' && reason === '--rehearse') return { kind: 'command', command: { name, reason: 'rehearsal', rehearse: true } }
  const unfit = unfitReason(reason)
  return unfit === null ? { kind: 'command', command: { name, reason } } : wrong('reason', unfit)
}

function waive(rest: string, wrong: (mistake: Mistake, message: string) => Parsed): Parsed {
  const [, said = '', days = '', reason = ''] = /^ ([A-Za-z0-9_]{1,40}) ([1-9]\d{0,2})d(?: (.*))?$/.exec(rest) ?? []
  if (said === '') return wrong('usage', 'After /waive come the gate, or hotfix, for how many days, and a reason.')
  const gate = Waivable.safeParse(said)
  if (!gate.success) {
    const meant = nearest(said, Waivable.options)
    return wrong('target', `There is no gate ${said} that can be waived.${meant === undefined ? '' : ` Did you mean ${meant}?`}`)
  }
  const unfit = unfitReason(reason)
  return unfit === null ? { kind: 'command', command: { name: 'waive', gate: gate.data, days: Number(days), reason } } : wrong('reason', unfit)
}

/** Why this is no reason that others can read; null when it is one. */
function unfitReason(reason: string): string | null {
  const length = Array.from(reason).length
  if (length < REASON_MIN || length > REASON_MAX) return `A reason of ${REASON_MIN} to ${REASON_MAX} characters must follow; this one has ${length}.`
  if (UNPRINTABLE.test(reason)) return 'The reason holds a character that cannot be seen. Type it by hand.'
  if (reason.startsWith('--')) return 'A reason does not start with --; only /rollback --rehearse does, and nothing more stands on that line.'
  if (reason.startsWith(' ') || !/[\p{L}\p{N}]/u.test(reason)) return 'The reason must follow after one space and hold a letter or a number.'
  if (/<[A-Za-z!/?]/.test(reason)) return 'The reason must be plain text: what looks like HTML would not be seen by the others.'
  return null
}

function rerun(rest: string, wrong: (mistake: Mistake, message: string) => Parsed): Parsed {
  const said = /^ ([A-Za-z0-9_]{1,40})$/.exec(rest)?.[1]
  if (said === undefined) return wrong('target', 'Name one gate, one phase, or all.')
  if (said === 'all') return { kind: 'command', command: { name: 'rerun', target: 'all' } }
  const phase = Phase.safeParse(said)
  if (phase.success) return { kind: 'command', command: { name: 'rerun', target: { phase: phase.data } } }
  const gate = GateId.safeParse(said)
  if (gate.success) return { kind: 'command', command: { name: 'rerun', target: { gate: gate.data } } }
  const meant = nearest(said, [...GateId.options, ...Phase.options, 'all'])
  return wrong('target', `There is no gate or phase ${said}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`)
}

function preview(rest: string, wrong: (mistake: Mistake, message: string) => Parsed): Parsed {
  const [, said, name] = /^ ([a-z]{1,20}) (.+)$/.exec(rest) ?? []
  const action = PREVIEW_ACTIONS.find((known) => known === said)
  if (action === undefined || name === undefined) return wrong('usage', 'After /preview come sleep or wake, and the name of one environment.')
  const environment = PreviewName.safeParse(name)
  if (!environment.success)
    return wrong(
      'target',
      'The name of a preview here begins with a letter or a digit; letters, digits, hyphens, underscores, slashes and single dots follow, 255 characters at most.',
    )
  return { kind: 'command', command: { name: 'preview', action, environment: environment.data } }
}

function release(rest: string, wrong: (mistake: Mistake, message: string) => Parsed): Parsed {
  const version = Version.safeParse(rest.slice(1))
  if (!rest.startsWith(' ') || !version.success || rest.length > LONGEST_VERSION)
    return wrong('target', 'Name one version, with its v and three numbers.')
  return { kind: 'command', command: { name: 'release', version: version.data } }
}

/** A command that was meant but cannot be seen as typed: worth an answer. Anything else is not ours. */
function hidden(first: string): Parsed | null {
  // What is indented is quoted or code.
  if (!UNPRINTABLE.test(first) || /^[ \t]/.test(first)) return null
  const seen = first.replace(new RegExp(UNPRINTABLE.source, 'gu'), '')
  const word = /^\/([a-z][a-z-]{0,39})(?= |$)/.exec(seen)?.[1]
  const name = NAMES.find((known) => known === word)
  if (name === undefined) return null
  return {
    kind: 'malformed',
    name,
    mistake: 'invisible',
    message: 'The line holds a character that cannot be seen. Type it by hand.',
    usage: COMMANDS[name].usage,
  }
}

function startsCommand(line: string): boolean {
  const word = /^\s*\/([A-Za-z][A-Za-z-]{0,39})(?=\s|$)/.exec(line)?.[1]?.toLowerCase()
  return NAMES.some((name) => name === word)
}
