/** Words back to the person: what was not done, why, and what to do. Pure; other people's words are escaped. */
import { code, inline } from '../github/markdown.ts'
import { REASONS } from '../../evidence/model/reasons.ts'
import type { Authorisation } from './authorise.ts'
import { COMMANDS } from './command.ts'
import type { Parsed } from './parse.ts'
import type { Comparison } from './plan.ts'

/** For a comment that did nothing: unknown or malformed. @returns Markdown; no line starts with a slash */
export function toMistake(parsed: Exclude<Parsed, { kind: 'command' }>): string {
  switch (parsed.kind) {
    case 'unknown':
      return parsed.suggestion === null
        ? `There is no command ${code(`/${parsed.said}`)}; nothing was done. ${code('/help')} shows what there is.`
        : `There is no command ${code(`/${parsed.said}`)}; nothing was done. Did you mean ${code(`/${parsed.suggestion}`)}? Write it in a new comment.`
    case 'malformed':
      return `Nothing was done. ${inline(parsed.message)} It is written ${code(parsed.usage)}, for example ${code(COMMANDS[parsed.name].example)}. Write a new comment: edited ones do not count.`
  }
}

/** Why it was refused: the reason's own sentence says what to do. @param page address of the release page, where a key signs; absent: there is none, or it was said there */
export function toDenied({ codes, log }: Pick<Authorisation, 'codes' | 'log'>, page?: string): string {
  const [first = 'command.undefined', ...rest] = codes
  const more = rest.length === 0 ? '' : ` Also: ${rest.map(code).join(', ')}.`
  const there = page !== undefined && codes.includes('command.step-up-missing') ? ` It is [here](${encodeURI(page).replace(/[()]/g, '')}/act).` : ''
  const said = (log?.server?.reasons ?? []).slice(0, 3).map(inline).join('; ')
  const server = first.startsWith('command.server-') && said !== '' ? ` It says: ${said}.` : ''
  return `Nothing was done (${code(first)}). ${REASONS[first]}${there}${server}${more}`
}

/** For a /promote whose plan is not the present one. */
export function toPlan(comparison: Exclude<Comparison, { kind: 'ok' }>): string {
  const block = ['', '> ```', `> ${comparison.line}`, '> ```'].join('\n')
  switch (comparison.kind) {
    case 'missing':
      return `Nothing was done: the plan id is missing. It binds your word to what is shown in the status comment. Read that, then paste this line:\n${block}`
    case 'stale':
      return `Nothing was done: plan ${code(comparison.pasted)} is not the present one. The commit, a verdict, the evidence, the config or the step has moved since it was shown. Read the status comment again, then paste this line:\n${block}`
    case 'wrong-step':
      return `Nothing was done: this plan is not for ${comparison.asked} %. Paste this line:\n${block}`
  }
}

/** For a /promote that is one voice of several. */
export function toVote(of: { readonly have: number; readonly need: number }): string {
  return `Your word is noted: ${of.have} of ${of.need} approvers. The others paste the same line.`
}

/** For an /approve. */
export function toApproval(of: { readonly head: string; readonly have: number; readonly need: number }): string {
  return `Your approval of ${code(of.head.slice(0, 12))} with its proof is noted: ${of.have} of ${of.need}. It falls when the commit, a verdict, the evidence or the policy moves.`
}

/** For a /release that was done. */
export function toCut(of: { readonly version: string; readonly pull: number; readonly base: string; readonly draft: boolean }): string {
  const more = of.draft ? ' It is a draft: bring the change that it is for onto its branch, then mark it as ready for review.' : ''
  return `${code(of.version)} is #${of.pull}, into ${code(of.base)}.${more}`
}

/** For a /release that there can be no release for. @param reason ours, with what GitHub said in it */
export function toUncut(reason: { readonly message: string; readonly next: string }): string {
  return `Nothing was done. ${inline(reason.message)} ${inline(reason.next)}`
}
