/**
 * The invariants of SECURITY 4.1, judged from the truth alone.
 *   I1 each advance rests on a live approval by an eligible person, for that commit        I4 the commit never changes under a canary
 *   I2 no advance on missing data                                                          I5 one approval, one step, once
 *   I3 no advance during or after a breach or a rollback                                   I6 effects and recorded outcomes match one to one
 *   I7 after the faults end every command has an answer                                    I9 weights only follow the steps, or go to 0
 *   I10 a breach ends at weight 0                                                          I11 the ledger verifies, and grew from every
 *                                                                                        checkpoint that was shown
 *   I13 each sealed pack lies in each store it was meant for
 *   I12 everyone is served only when the log holds the sealed decision, and it holds each pack once
 *   I17 each step began with the yes of its hooks, and none is asked once everything went home
 *   I18 rolled back is said only when the golden paths are green
 *   I19 a rollback, and a release that serves everyone, is told
 *   I20 nothing goes home that the version before is known not to run                      I21 what is refused is outside, and told
 *   I22 no canary gets traffic that could not come back, unless that is accepted
 *   I23 rolled back from everyone is said only when the version before is deployed again
 *   I24 a flag follows the steps one by one, and is what it was after the way back
 *   I25 a red release gets traffic only when two people broke the glass                 I26 its record is closed when it is proven, and not before
 *   I27 each command about a preview that was done started one run, of that preview, and nothing else did
 *   I28 each command, by comment or by page, is answered once
 *   I16 nothing moves while the environment is another release's
 *   I14 the newest pack says how the release ended                                        I15 nothing begins while the calendar is closed
 */
import { checkChain, type LedgerEntry } from '../../evidence/ledger/chain.ts'
import { treeOf } from '../../evidence/ledger/checkpoint.ts'
import { holdsConsistency } from '../../evidence/core/merkle-proof.ts'
import { logEvidence } from '../../gates/judge/guard.ts'
import { parse } from '../../app/commands/parse.ts'
import type { OutboxRow, ReleaseRecord } from '../../app/release/ports.ts'
import { dataOf } from '../../app/release/state.ts'
import { isOutside, STABLE_VERSION } from './schema.ts'
import { isBroken, weightOf, type Truth } from './truth.ts'
import { judgeAnswers } from './pages.ts'
import { judgePreviews } from './previews.ts'
import { APPROVERS, pullRequest } from './setting.ts'

export interface Violation {
  readonly invariant: string
  readonly what: string
}

const STEPS = [10, 50, 100]
const GREEN_TITLE = pullRequest().title
/** It serves everyone. */
const SERVES: ReadonlySet<string> = new Set(['ga', 'broken_glass'])
const CREATING = new Set(['check.create', 'workflow.dispatch', 'deployment.create', 'issue.open', 'release.publish', 'log.enter'])

/** Called at the instant a weight above the present one is set. */
export function judgeAdvance(truth: Truth, percent: number, approvers: ReadonlySet<string>): Violation[] {
  const found: Violation[] = []
  const say = (invariant: string, what: string): void => void found.push({ invariant, what })
  const deployed = truth.deployments.findLast((one) => one.percent === percent)
  const approval = [...truth.comments, ...truth.orders].find((comment) => {
    const parsed = parse(comment.body)
    const command = parsed?.kind === 'command' ? parsed.command : null
    return (
      command?.name === 'promote' &&
      !comment.edited &&
      !comment.viaApp &&
      comment.author.type === 'User' &&
      approvers.has(comment.author.login) &&
      comment.author.id !== truth.pull.author.id &&
      command.plan !== null &&
      truth.shown.get(command.plan) === truth.pull.head.sha &&
      (command.step === null || command.step >= percent)
    )
  })
  if (approval === undefined) say('I1', `weight ${percent} without an approval that counts`)
  if (deployed === undefined || deployed.sha !== truth.pull.head.sha) say('I4', `weight ${percent} of a commit that is not the head`)
  if (new Set(truth.deployments.map((one) => one.sha)).size > 1) say('I4', 'two commits were deployed')
  if (percent !== STEPS[0] && truth.served.requests === 0) say('I2', `weight ${percent} although the canary served nothing`)
  if (percent !== STEPS[0] && (truth.weather === 'missing' || truth.weather === 'nan' || truth.weather === 'frozen'))
    say('I2', `weight ${percent} although the metrics were ${truth.weather}`)
  if (truth.weights.some((weight, at) => weight.percent === 0 && at > 0)) say('I3', `weight ${percent} after a rollback`)
  const before = truth.weights.at(-1)?.percent ?? 0
  if (truth.flag.ramps && before > 0 && truth.flag.at.at(-1) !== before) say('I24', `weight ${percent} while the flag has ${truth.flag.at.at(-1)}`)
  if (STEPS[STEPS.indexOf(before) + 1] !== percent) say('I9', `weight went from ${before} to ${percent}`)
  if (percent === 100 && !truth.happened.some((one) => one.kind === 'log.enter' && one.key.includes('/log/proven/')))
    say('I12', 'weight 100 although the log does not hold the sealed decision')
  if (truth.now >= truth.rival.from && truth.now < truth.rival.to) say('I16', `weight ${percent} while another release has the environment`)
  const isGlass = truth.breakers !== null && isBroken(truth, approvers)
  if (truth.breakers !== null && truth.pull.title !== GREEN_TITLE && !isGlass)
    say('I25', `weight ${percent} of a red release, and no two people broke the glass`)
  if (!isGlass && truth.closed.from === 0 && truth.now < truth.closed.to) say('I15', `weight ${percent} before the calendar opened`)
  if (truth.served.requests > 500 && logEvidence(0.01, truth.served.requests, truth.served.errors) > 60)
    say('I3', `weight ${percent} during a plain breach`)
  return found
}

/** Called at the instant a weight is set. */
export function judgeSchema({ schema, weights }: Truth, percent: number): Violation[] {
  if (schema === null) return []
  const word = schema.words.findLast(({ step }) => step === percent)
  if (percent > 0 && !schema.accepted && word !== undefined && isOutside(schema, word.live))
    return [{ invariant: 'I22', what: `weight ${percent} although its job said that the schema is ${word.live}` }]
  const last = schema.words.at(-1)
  // It was believed by then: the step got its traffic.
  const believed = last !== undefined && weights.some((weight) => weight.percent === last.step)
  if (percent === 0 && believed && isOutside(schema, last.live)) return [{ invariant: 'I20', what: `weight 0 although the schema is ${last.live}` }]
  return []
}

/** Called at the instant a deployment for a step is made, where hooks stand in the config. */
export function judgeHooks(truth: Truth, percent: number): Violation[] {
  const found: Violation[] = []
  const said = [...truth.desk].find(([key]) => key.includes(`/${percent}/hook/pre/`))?.[1]
  if (said !== 'ok') found.push({ invariant: 'I17', what: `${percent} % began although the desk said ${said ?? 'nothing'}` })
  const before = STEPS[STEPS.indexOf(percent) - 1]
  const smoke = truth.runs.find(({ key }) => key.includes(`/${before}/hook/post/`))?.run.conclusion
  if (before !== undefined && smoke !== 'success')
    found.push({ invariant: 'I17', what: `${percent} % began although the smoke test after ${before} % was ${smoke}` })
  return found
}

/** Called at the instant a hook is asked. */
export function judgeAsking(truth: Truth, key: string): Violation[] {
  const home = truth.weights.some((weight, at) => weight.percent === 0 && at > 0)
  return home ? [{ invariant: 'I17', what: `${key} was asked after everything went home` }] : []
}

export interface End {
  readonly truth: Truth
  readonly record: ReleaseRecord | null
  readonly outbox: readonly OutboxRow[]
  readonly ledger: readonly LedgerEntry[]
  /** Commands of the page that nobody has answered. */
  readonly waiting?: number
}

/** Called when the faults have ended and everything has settled. */
export function judgeEnd({ truth, record, outbox, ledger, waiting = 0 }: End): Violation[] {
  const found: Violation[] = []
  const say = (invariant: string, what: string): void => void found.push({ invariant, what })
  if (record === null) {
    say('I7', 'the release was never opened')
    return found
  }
  const chain = checkChain(ledger)
  if (!('root' in chain)) say('I11', `the ledger breaks at ${chain.brokenAt}: ${chain.why}`)
  for (const { type, data, at } of ledger)
    if (type === 'state' && data['to'] === 'rolled_back' && Date.parse(at) < truth.greenFrom)
      say('I18', `rolled back is said at ${at}, before the golden path is green`)
  grown(truth, ledger, say)
  restored({ truth, record, outbox }, say)
  flagged(truth, record, say)
  const stranded = strandedAt(truth, ledger, say)
  if (truth.breakers === null) closed(truth, ledger, say)
  duplicates(truth, say)
  for (const row of outbox) {
    const times = truth.happened.filter((one) => one.key === row.key).length
    if (CREATING.has(row.effect.kind) && row.state === 'done' && times === 0) say('I6', `${row.key} is recorded as done and never happened`)
    const recorded = ledger.filter((entry) => (entry.type === 'effect.done' || entry.type === 'effect.found') && entry.data['key'] === row.key).length
    if (row.state === 'done' && recorded !== 1) say('I6', `${row.key} has ${recorded} outcomes in the ledger`)
    if (row.state === 'started' || row.state === 'intended') say('I6', `${row.key} never got an outcome`)
  }
  for (const { effect } of outbox)
    if (effect.kind === 'pack.keep' && !truth.kept.has(`${effect.store}/${effect.path}`)) say('I13', `${effect.path} is not in ${effect.store}`)
  for (const one of truth.happened) if (!outbox.some((row) => row.key === one.key)) say('I6', `${one.key} happened without a record`)
  const answered = new Set(dataOf(record).answers.map((answer) => answer.nodeId))
  for (const comment of truth.comments)
    if (parse(comment.body) !== null && !answered.has(comment.nodeId)) say('I7', `"${comment.body}" by ${comment.author.login} has no answer`)
  const plain = truth.served.requests > 500 && logEvidence(0.01, truth.served.requests, truth.served.errors) > 60
  if (plain && weightOf(truth) !== 0 && !stranded) say('I10', `a plain breach still has ${weightOf(truth)} %`)
  recorded(truth, record, outbox, say)
  for (const what of judgeAnswers(truth, ledger, waiting)) say('I28', what)
  for (const what of judgePreviews(truth, dataOf(record).answers, APPROVERS)) say('I27', what)
  const end = SERVES.has(record.state) ? 'promoted' : record.state === 'rolled_back' ? 'rolled_back' : null
  if (end !== null && truth.seals.at(-1)?.includes(`/seal/${end}/`) !== true)
    say('I14', `it is ${record.state}, the newest pack ${truth.seals.at(-1)}`)
  const told = (occasion: string): boolean => truth.happened.some(({ kind, key }) => kind === 'message.send' && key.includes(`/message/${occasion}/`))
  if (told('breach') !== (record.state === 'rolled_back')) say('I19', `it is ${record.state}; a breach was ${told('breach') ? '' : 'not '}told`)
  if (SERVES.has(record.state) && !told('ga')) say('I19', 'it serves everyone, and nobody was told')
  if (record.state === 'rolled_back' && weightOf(truth) !== 0) say('I10', `rolled back, and still ${weightOf(truth)} %`)
  return found
}

/** A release that owes its proof is not GA; one that is has closed its record. */
function recorded(truth: Truth, { state }: ReleaseRecord, outbox: readonly OutboxRow[], say: (invariant: string, what: string) => void): void {
  const records = outbox.flatMap(({ effect, outcome }) =>
    effect.kind === 'issue.open' && effect.labels.includes('break-glass') ? (outcome?.id ?? []) : [],
  )
  const open = records.filter((issue) => !truth.closedIssues.includes(issue))
  if (state === 'broken_glass' && open.length === 0) say('I26', 'it owes its proof, and no record is open')
  if ((state === 'ga' || state === 'rolled_back') && open.length > 0) say('I26', `it is ${state}, and the records ${open.join(', ')} are open`)
  if (state === 'ga' && truth.breakers !== null && truth.pull.title !== GREEN_TITLE) say('I26', 'it is called GA, and is red')
}

function restored(
  { truth, record: { state }, outbox }: Pick<End, 'truth' | 'outbox'> & { readonly record: ReleaseRecord },
  say: (invariant: string, what: string) => void,
): void {
  const again = truth.runs.filter(({ key }) => key.includes('/restore/'))
  const all = truth.weights.some(({ percent }) => percent === 100)
  const tried = outbox.some(({ key, attempts }) => key.endsWith('/100/weight') && attempts > 0)
  if (!tried && again.length > 0) say('I23', `${again.length} runs deploy the version before again, which was never touched`)
  const done = again.some(({ run, inputs }) => run.conclusion === 'success' && inputs['version'] === STABLE_VERSION)
  if (truth.stable && all && state === 'rolled_back' && !done) say('I23', 'rolled back from everyone, and the version before is not deployed again')
}

function flagged({ flag: { ramps, at } }: Truth, { state }: ReleaseRecord, say: (invariant: string, what: string) => void): void {
  const [had, ...set] = at
  if (!ramps && set.length > 0) say('I24', `a flag that nobody named was set to ${set.join(', ')}`)
  if (set.some((percent) => percent !== had && !STEPS.includes(percent))) say('I24', `the flag was set to ${set.join(', ')}`)
  if (ramps && state === 'rolled_back' && at.at(-1) !== had) say('I24', `rolled back, and the flag that had ${had} has ${at.at(-1)}`)
  if (ramps && SERVES.has(state) && at.at(-1) !== 100) say('I24', `everyone is served, and the flag has ${at.at(-1)}`)
}

/** Whether it must stay where it is. */
function strandedAt({ schema, happened, weights }: Truth, ledger: readonly LedgerEntry[], say: (invariant: string, what: string) => void): boolean {
  const refusals = ledger.filter(({ type }) => type === 'rollback.refused')
  for (const { at } of refusals) {
    const last = schema?.words.findLast((word) => word.at <= Date.parse(at))
    if (schema === null || last === undefined || !isOutside(schema, last.live))
      say('I21', `refused at ${at}, and nobody had said that it cannot be run`)
  }
  for (const what of ['/message/refused/', '/refused'])
    if (happened.some(({ kind, key }) => (kind === 'message.send' || kind === 'issue.open') && key.includes(what)) !== refusals.length > 0)
      say('I21', `${refusals.length} were refused; ${what} does not say so`)
  let live: unknown = null
  for (const { type, data, at } of ledger) {
    if (type === 'schema') live = data['live']
    // A canary that never had traffic takes none away.
    const served = weights.some((weight) => weight.percent > 0 && weight.at <= Date.parse(at))
    if (type === 'rollback' && served && schema !== null && typeof live === 'number' && isOutside(schema, live))
      say('I20', `a rollback at ${at}, and the schema was known to be ${live}`)
  }
  return refusals.length > 0 && schema !== null && isOutside(schema, schema.live)
}

/** A process may be suspended between its look and what it records, for as long as the simulator suspends one. */
const SUSPENDED = 45_000

function closed({ closed: { from, to } }: Truth, ledger: readonly LedgerEntry[], say: (invariant: string, what: string) => void): void {
  const since = from === 0 ? 0 : from + SUSPENDED
  for (const { type, at } of ledger)
    if ((type === 'decision' || type === 'step') && Date.parse(at) >= since && Date.parse(at) < to) say('I15', `a ${type} at ${at}`)
}

/** Nobody who kept a checkpoint finds it gone or contradicted. */
function grown(truth: Truth, ledger: readonly LedgerEntry[], say: (invariant: string, what: string) => void): void {
  if (truth.anchors.length === 0) return
  const tree = treeOf(ledger)
  const to = { size: tree.size, root: tree.root() }
  for (const { size, root } of truth.anchors) {
    const proof = size <= to.size ? tree.consistency(size) : []
    if (!holdsConsistency({ from: { size, root: Buffer.from(root, 'hex') }, to, proof }))
      say('I11', `the ledger of ${to.size} entries did not grow from the ${size} that a check run showed`)
  }
}

function duplicates(truth: Truth, say: (invariant: string, what: string) => void): void {
  const times = new Map<string, number>()
  for (const one of truth.happened) if (CREATING.has(one.kind)) times.set(one.key, (times.get(one.key) ?? 0) + 1)
  for (const [key, count] of times) if (count > 1) say('I5', `${key} happened ${count} times`)
  for (const step of STEPS) {
    const deployed = truth.deployments.filter((one) => one.percent === step).length
    if (deployed > 1) say('I5', `${deployed} deployments for ${step} %`)
  }
}
