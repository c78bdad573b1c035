/** People's commands, each carried out or refused once, with an answer in the status comment and a reaction at once. Pure. */
import { digestOf } from '../../evidence/core/digest.ts'
import { HOTFIX } from '../../evidence/model/predicate/waiver.ts'
import { milliseconds, timestamp } from '../../evidence/model/primitives.ts'
import { toApproval, toDenied, toMistake, toPlan, toVote } from '../commands/answer.ts'
import type { Authorisation } from '../commands/authorise.ts'
import type { Command, RerunTarget } from '../commands/command.ts'
import { help } from '../commands/help.ts'
import { compare } from '../commands/plan.ts'
import { inline } from '../github/markdown.ts'
import { lockedBy } from '../rollout/lock.ts'
import { objectivesWords } from '../rollout/objectives.ts'
import { beginRehearsal } from '../rollout/rehearsal.ts'
import { rollForward } from '../rollout/way-back.ts'
import { startRollBack } from '../rollout/withdraw.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts, OrderFacts } from './facts.ts'
import { agreedTo, beginRollout, currentPlan, extendable, noteDecision, target } from './promotion.ts'
import { stopOf } from './stops.ts'
import { breakGlass, glassExpiry, openGlass, standingGlass } from './glass.ts'
import { hotfixIssue, laneOf, laneWords } from './hotfix.ts'
import { lookAgain, phasesFor } from './reruns.ts'
import { grant, isSpent, waiverIssue } from './waivers.ts'
import { switchPreview } from './previews.ts'
import { FINAL, isHoldable, type Agreed } from './state.ts'
import { isOf, type Granted, type Voice } from './voice.ts'

/** Answers kept for the status comment; all of them stay in the ledger. */
export const KEPT_ANSWERS = 200
const KEPT_VOICES = 100
const DAY = 86_400_000

export function orders(draft: Draft, facts: Facts, full: FullFacts): void {
  for (const order of full.orders) {
    const { comment, page } = order
    const react = (what: string, content: 'eyes' | 'rocket' | 'confused'): void => {
      const key = draft.key(`comment/${comment.id}/${what}`)
      if (page === undefined) draft.ensure({ kind: 'reaction.add', key, comment: comment.id, content })
    }
    react('seen', 'eyes')
    const { done, answer } = carryOut(draft, facts, full, order)
    if (done) react('done', 'rocket')
    else react('refused', 'confused')
    if (page !== undefined) draft.answered.push(page.id)
    draft.data.answers.push({
      nodeId: comment.nodeId,
      comment: comment.id,
      command: comment.body.split(/\r?\n/, 1)[0]?.slice(0, 200) ?? '',
      login: comment.author.login,
      at: facts.now,
      done,
      answer,
    })
    if (order.authorisation?.log != null) draft.note('policy.decision', { comment: comment.nodeId, ...order.authorisation.log })
    draft.note(done ? 'command.done' : 'command.refused', {
      comment: comment.nodeId,
      ...(page === undefined ? {} : { source: 'page', ...(page.key === null ? {} : { step_up: { method: 'webauthn', ...page.key } }) }),
      actor: comment.author.login,
      actor_id: comment.author.id,
      role: order.role,
      command: comment.body.split(/\r?\n/, 1)[0]?.slice(0, 500) ?? '',
      ...(order.voice?.reason == null ? {} : { reason: order.voice.reason }),
      answer: answer.slice(0, 1000),
    })
  }
  if (draft.data.answers.length > KEPT_ANSWERS) draft.data.answers.splice(0, draft.data.answers.length - KEPT_ANSWERS)
}

interface Done {
  readonly done: boolean
  readonly answer: string
}

const yes = (answer: string): Done => ({ done: true, answer })
const no = (answer: string): Done => ({ done: false, answer })

function carryOut(draft: Draft, facts: Facts, full: FullFacts, { comment, page, parsed, authorisation, voice, preview }: OrderFacts): Done {
  if (parsed.kind !== 'command') return no(toMistake(parsed))
  if (authorisation === null) return no('Nothing was done: who you are could not be asked.')
  if (!authorisation.allowed) return no(toDenied(authorisation, page === undefined ? facts.settings.page?.(draft.before.key) : undefined))
  const { command } = parsed
  if (page !== undefined && page.head !== draft.head && command.name !== 'rollback' && command.name !== 'hold')
    return no('Nothing was done: the page showed another commit than the present one. Read it again.')
  switch (command.name) {
    case 'help':
      return yes(help())
    case 'status':
    case 'plan':
      return yes('The status above is fresh.')
    case 'promote':
      return promote(draft, facts, full, command, { voice, authorisation })
    case 'approve':
      return approve(draft, { voice, authorisation })
    case 'waive':
      return waive(draft, facts.now, full, { command, voice, authorisation })
    case 'break-glass':
      return glass(draft, facts, full, { voice, authorisation })
    case 'rollback':
      if (command.rehearse === true) return rehearsal(draft, facts, comment.author.login)
      return rollback(draft, facts, command.reason, comment.author.login)
    case 'hold':
      return hold(draft, facts, command.reason, comment.author.login)
    case 'resume':
      return resume(draft)
    case 'preview':
      return switchPreview(draft, full, { command, preview, number: page?.id ?? String(comment.id) })
    case 'release':
      return no(
        `Nothing was done: this pull request is the release ${draft.before.version}. Ask for ${command.version} on an issue, or on a pull request that is no release.`,
      )
    case 'rerun':
      if ((draft.data.rollout !== null || full.pull.merged) && openGlass(draft.data).length === 0)
        return no('Nothing was done: the commit is merged, so its evidence stays what it is.')
      if (FINAL.includes(draft.state)) return no('Nothing was done: the release has ended.')
      return rerun(draft, facts, full, command.target)
  }
}

function rerun(draft: Draft, { now }: Facts, full: FullFacts, target: RerunTarget): Done {
  const phases = phasesFor(target, full)
  if (phases.length === 0)
    return no('Nothing was done: no agent looks for that here. It is not built yet, or the config declares that it does not apply.')
  lookAgain(draft, phases, now)
  return yes(`The agents of ${phases.join(' and ')} look again at this commit. What comes after them is not started again.`)
}

function promote(
  draft: Draft,
  facts: Facts,
  full: FullFacts,
  command: Extract<Command, { name: 'promote' }>,
  { voice, authorisation }: Spoken,
): Done {
  const next = target(draft, full, facts)
  if (typeof next === 'string') return no(`Nothing was done: ${inline(next)}`)
  const upTo = command.step ?? stopOf(draft, full, next, command.plan) ?? Math.max(...next.steps)
  if (!next.steps.includes(upTo)) return no(`Nothing was done: ${next.environment} has the steps ${next.steps.join(', ')}.`)
  const plan = currentPlan(draft, full, next.environment, upTo)
  const compared = compare({ step: upTo, plan: command.plan }, plan)
  if (compared.kind !== 'ok') return no(toPlan(compared))
  if (voice === null) return no('Nothing was done: who you are could not be asked.')
  const voices = counted(draft, authorisation, voice)
  const need = Math.max(1, authorisation.need)
  if (voices.length < need) return yes(toVote({ have: voices.length, need }))
  const { nodeId, comment, login, id, role, at } = voice
  const approval = { nodeId, comment, login, id, role, at }
  const agreed = agreedTo(plan, full, { approval, voices, ...authorisedBy(authorisation) })
  const running = extendable(draft, next.environment)
  if (running !== null) {
    if (upTo <= running.upTo) return no(`Nothing was done: ${next.environment} may already go up to ${running.upTo} %.`)
    running.upTo = upTo
    running.approval = approval
    running.plan = compared.id
    running.agreed.push(agreed)
    noteDecision(draft, next.environment, agreed, null)
    return yes(`${next.environment} may go up to ${upTo} %.`)
  }
  beginRollout(draft, facts, full, { environment: next.environment, agreed, held: next.held })
  const held = objectivesWords(next.held)
  return yes(`The rollout to ${next.environment} begins; it may go up to ${upTo} %.${held === '' ? '' : ` ${inline(held)}`}`)
}

interface Spoken {
  readonly voice: Voice | null
  readonly authorisation: Authorisation
}

function approve(draft: Draft, { voice, authorisation }: Spoken): Done {
  if (FINAL.includes(draft.state) || draft.state === 'rolling_back') return no('Nothing was done: the release has ended.')
  if (voice === null) return no('Nothing was done: who you are could not be asked.')
  const have = counted(draft, authorisation, voice).length
  return yes(toApproval({ head: voice.head, have, need: authorisation.need }))
}

function waive(draft: Draft, now: number, full: FullFacts, said: Spoken & { readonly command: Extract<Command, { name: 'waive' }> }): Done {
  const { command, voice, authorisation } = said
  const { gate, days } = command
  if (FINAL.includes(draft.state) || draft.state === 'rolling_back') return no('Nothing was done: the release has ended.')
  if (voice === null) return no('Nothing was done: who you are could not be asked.')
  const lane = gate === HOTFIX ? laneOf(voice.waive?.must_hold ?? [], full.verdicts) : undefined
  if (lane === null) return no('Nothing was done: every gate there is must hold for a hotfix, so there is nothing that it could go without.')
  const stands = (granted: Granted): boolean => isOf(granted, draft) && granted.expiresAt > now && granted.off === undefined
  if (draft.data.waivers.some((granted) => granted.gate === gate && stands(granted)))
    return no(`Nothing was done: ${gate === HOTFIX ? 'the hotfix' : gate} is waived already.`)
  const voices = counted(draft, authorisation, voice)
  const need = Math.max(2, authorisation.need)
  if (voices.length < need) return yes(toVote({ have: voices.length, need }))
  if (isSpent(draft, full, now)) return no(toDenied({ codes: ['command.waivers-spent'], log: null }))
  const expiresAt = now + days * DAY
  const issue = lane === undefined ? waiverIssue(draft, gate, voices, expiresAt) : hotfixIssue(draft, full, { lane, voices, expiresAt })
  grant(draft, { gate, ...(lane && { lane }), voices, expiresAt, issue }, now)
  const what = lane === undefined ? '' : ` ${laneWords(lane)}`
  return yes(`${gate === HOTFIX ? 'The hotfix' : gate} is waived for ${days} days, once the issue that remembers the debt is open.${what}`)
}

function glass(draft: Draft, facts: Facts, full: FullFacts, { voice, authorisation }: Spoken): Done {
  if (FINAL.includes(draft.state) || draft.state === 'rolling_back' || draft.state === 'broken_glass')
    return no('Nothing was done: the release has ended.')
  if (draft.state === 'draft') return no('Nothing was done: the pull request is a draft, so nothing ships. Mark it as ready for review first.')
  if (voice === null || !full.config.ok) return no('Nothing was done: who you are could not be asked.')
  const standing = standingGlass(draft, facts.now)
  if (standing !== null) return no(`Nothing was done: the glass is broken already, until ${timestamp(standing.expiresAt)}.`)
  const voices = counted(draft, authorisation, voice)
  const need = Math.max(2, authorisation.need)
  if (voices.length < need) return yes(toVote({ have: voices.length, need }))
  const expiresAt = glassExpiry(voices, milliseconds(full.config.config.people.approvers.break_glass.expires), facts.now)
  breakGlass(draft, facts, full, voices, expiresAt)
  return yes(
    `The glass is broken until ${timestamp(expiresAt)}, once the issue that keeps the record is open: the release may ship without the proof of its gates. They go on.`,
  )
}

/**
 * Keeps this voice, and answers those that count, this one last. The policy said whose do; of those only what was kept does, because a command that was
 * read in the same look may have been refused since.
 */
function counted(draft: Draft, { counted: ids }: Authorisation, voice: Voice): Voice[] {
  const { data } = draft
  const isSame = (other: Voice): boolean => other.id === voice.id && isAboutSame(other, voice)
  data.voices = [...data.voices.filter((other) => !isSame(other)), voice].slice(-KEPT_VOICES)
  const others = ids
    .filter((id) => id !== voice.id)
    .flatMap((id) => data.voices.findLast((other) => other.id === id && (isAboutSame(other, voice) || isApprovalFor(other, voice))) ?? [])
  return [...others, voice]
}

function isAboutSame(a: Voice, b: Voice): boolean {
  if (a.waive !== null || b.waive !== null) return a.head === b.head && a.base === b.base && digestOf(a.waive) === digestOf(b.waive)
  return a.plan === b.plan && a.basis === b.basis
}

/** An approval of the commit with its proof counts for a plan of them, and the other way round. */
function isApprovalFor(a: Voice, b: Voice): boolean {
  return a.waive === null && b.waive === null && a.basis === b.basis && (a.plan === null || b.plan === null)
}

function authorisedBy({ log, need }: Authorisation): Pick<Agreed, 'authorised'> {
  const bundle = log?.bundles['commands']
  if (log === null || bundle === undefined) return {}
  return {
    authorised: {
      decisionId: log.decision_id,
      policy: bundle.digest,
      revision: bundle.revision,
      inputDigest: log.input_digest,
      need: Math.max(1, need),
    },
  }
}

function rollback(draft: Draft, facts: Facts, reason: string, login: string): Done {
  const { rollout } = draft.data
  if (rollout === null) return no('Nothing was done: no traffic has moved, so there is nothing to take back.')
  if (rollout.stage === 'left' || (rollout.refused !== undefined && lockedBy(draft, facts, rollout.environment) !== null))
    return no('Nothing was done: a later release has the environment now.')
  if (rollout.stage === 'withdrawing' || rollout.stage === 'withdrawn') return no('Nothing was done: it is already rolled back.')
  if (FINAL.includes(draft.state) && draft.state !== 'ga') return no('Nothing was done: the release has ended.')
  if (!startRollBack(draft, rollout, { code: 'manual', sentence: `Roll back: ${login} said so: ${reason}` }, facts.now))
    return no(
      `Nothing was changed: ${inline([rollout.refused?.because ?? '', ...(rollout.schema === undefined ? [] : rollForward(rollout.schema, draft.head))].join('. '))}`,
    )
  return yes('All traffic goes back to the version before.')
}

function rehearsal(draft: Draft, facts: Facts, login: string): Done {
  const why = beginRehearsal(draft, facts, login)
  return why === null ? yes('The way back is rehearsed; the traffic returns by itself.') : no(`Nothing was done: ${inline(why)}`)
}

function hold(draft: Draft, facts: Facts, reason: string, login: string): Done {
  if (FINAL.includes(draft.state) || draft.state === 'rolling_back') return no('Nothing was done: the release has ended.')
  if (draft.data.held !== null) return no(`Nothing was done: ${inline(draft.data.held.owner)} already holds it.`)
  if (!isHoldable(draft.state)) return no('Nothing was done: the pull request is a draft, so nothing moves. Mark it as ready for review first.')
  draft.data.held = { from: draft.state, reason, owner: login, at: facts.now }
  draft.move('held', `${login}: ${reason}`)
  return yes('It holds where it is. A breach, or the deadline of the step, still rolls back.')
}

function resume(draft: Draft): Done {
  if (draft.data.held === null) return no('Nothing was done: it is not held.')
  const { from } = draft.data.held
  draft.data.held = null
  draft.move(from, 'the hold was lifted')
  return yes('It goes on.')
}
