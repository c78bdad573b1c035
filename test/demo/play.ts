/** The release itself, as people see it: pull request, checks, merge, `/promote`, the canary, the end. Returns what happened, measured from outside. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyPack } from '../../evidence/pack/read.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import { pullRequestBody } from '../shop/history.ts'
import type { LoadReport } from '../support/load.ts'
import type { Stage } from './stage.ts'

export interface Played {
  readonly outcome: 'promoted' | 'rolled_back' | 'blocked'
  readonly version: string
  /** Weights the router really had, in order. */
  readonly steps: readonly number[]
  /** From the canary's first bad answer to weight 0; null when it was not rolled back. */
  readonly rollback_seconds: number | null
  readonly pack: string | null
  /** Conclusion of each check on the release commit. */
  readonly checks: Readonly<Record<string, string>>
  readonly ledger_root: string | null
  readonly requests: { readonly sent: number; readonly failed: number; readonly canary_bad: number }
  readonly app_restarts: number
}

export interface PlayOptions {
  readonly dir: string
  readonly say: (line: string) => void
  /** Corrupts one signed response on its way to the App. */
  readonly tamper: boolean
  readonly timeoutMs: number
}

const SHOP = 'acme/shop'

export async function play(stage: Stage, { dir, say, tamper, timeoutMs }: PlayOptions): Promise<Played> {
  const { github, history } = stage
  const end = Date.now() + timeoutMs
  const [dev, approver] = [github.as('dev'), github.as('approver')]
  if (tamper) say('one byte of the first signed response is changed on its way')
  const pull = await dev.openPull(SHOP, { head: history.release.branch, base: 'main', title: 'Release v2.0.0', body: await pullRequestBody() })
  await dev.label(SHOP, pull.number, ['type:feat', 'risk:low'])
  say(`pull request #${pull.number} opened: ${history.release.branch} at ${history.release.sha.slice(0, 12)}`)
  const weights = watchWeights(stage, say)
  const told = new Map<string, string>()
  try {
    let merged = false
    let promoted = false
    while (Date.now() < end) {
      await sleep(200)
      const checks = checksOf(stage)
      tellChecks(checks, told, say)
      const comment = statusOf(stage, pull.number)
      tellState(comment, told, say)
      if (!merged && checks['all_required_gates'] === 'success') {
        const answer = await dev.request('PUT', `/repos/${SHOP}/pulls/${pull.number}/merge`, { merge_method: 'merge', sha: history.release.sha })
        merged = answer.status === 200
        if (merged) say('merged: every required check was green')
      }
      if (merged && !promoted) {
        const line = /^> (\/promote 100 plan:[0-9a-f]{32})$/m.exec(comment)?.[1]
        if (line !== undefined) {
          await approver.comment(SHOP, pull.number, line)
          promoted = true
          say(`the approver comments: ${line}`)
        }
      }
      if (
        tamper &&
        Object.values(checks).some((conclusion) => conclusion === 'action_required' || conclusion === 'failure') &&
        !comment.includes('being looked at')
      )
        return await finish(stage, { dir, outcome: 'blocked', weights: weights.seen })
      if (comment.includes(': released') && publishedPack(stage)) return await finish(stage, { dir, outcome: 'promoted', weights: weights.seen })
      if (comment.includes(': rolled back') && incidentOpen(stage)) return await finish(stage, { dir, outcome: 'rolled_back', weights: weights.seen })
    }
    throw new Error(`the release did not end in ${timeoutMs / 1000} s; the logs are in ${dir}`)
  } finally {
    weights.stop()
  }
}

interface Weight {
  readonly at: number
  readonly percent: number
}

function watchWeights(stage: Stage, say: PlayOptions['say']): { readonly seen: Weight[]; stop(): void } {
  const seen: Weight[] = [{ at: Date.now(), percent: 0 }]
  const over = new AbortController()
  void (async () => {
    while (!over.signal.aborted) {
      const percent = await fetch(`${stage.routerAdmin}/weight`).then(
        (answer) => answer.json() as Promise<{ percent: number }>,
        () => null,
      )
      const last = seen.at(-1)
      if (percent !== null && last !== undefined && percent.percent !== last.percent) {
        seen.push({ at: Date.now(), percent: percent.percent })
        say(`traffic: ${bar(percent.percent)} ${percent.percent} % on v2.0.0`)
      }
      await sleep(25)
    }
  })()
  return {
    seen,
    stop() {
      over.abort()
    },
  }
}

function bar(percent: number): string {
  const full = Math.round(percent / 5)
  return `[${'#'.repeat(full)}${'.'.repeat(20 - full)}]`
}

function shop(stage: Stage): ReturnType<Stage['github']['world']['repositories']['find']> & object {
  const repository = stage.github.world.repositories.find((one) => one.name === 'shop')
  if (repository === undefined) throw new Error('the double lost the shop')
  return repository
}

/** gate -> conclusion, or the status while there is none; the newest run of each name. */
function checksOf(stage: Stage): Record<string, string> {
  const checks: Record<string, string> = {}
  // A run of one phase leaves the jobs of the others out; they said what they had to say in a run of theirs.
  for (const run of shop(stage)
    .checks.filter(({ conclusion }) => conclusion !== 'skipped')
    .toSorted((a, b) => a.id - b.id))
    if (run.headSha === stage.history.release.sha)
      checks[/^release-conductor\/([a-z_]+) /.exec(run.name)?.[1] ?? run.name] = run.conclusion ?? run.status
  return checks
}

function statusOf(stage: Stage, pull: number): string {
  return [...shop(stage).comments.values()].find((comment) => comment.issue === pull && comment.body.includes('release-conductor:status'))?.body ?? ''
}

function tellChecks(checks: Record<string, string>, told: Map<string, string>, say: PlayOptions['say']): void {
  for (const [gate, conclusion] of Object.entries(checks))
    if (told.get(gate) !== conclusion) {
      told.set(gate, conclusion)
      say(`check ${gate}: ${conclusion}`)
    }
}

function tellState(comment: string, told: Map<string, string>, say: PlayOptions['say']): void {
  const title = /^## Release (.+)$/m.exec(comment)?.[1] ?? ''
  const judged = /^The judge: (.+)$/m.exec(comment)?.[1] ?? ''
  for (const [key, text] of [
    ['title', title],
    ['judged', judged],
  ] as const)
    if (text !== '' && told.get(key) !== text) {
      told.set(key, text)
      say(key === 'title' ? `release ${text.replaceAll('\\', '')}` : text.replaceAll('\\', ''))
    }
}

function publishedPack(stage: Stage): boolean {
  return shop(stage).releases.some((release) => !release.draft && release.assets.some((asset) => asset.name === 'evidence.zip'))
}

function incidentOpen(stage: Stage): boolean {
  return [...shop(stage).issues.values()].some((issue) => issue.labels.includes('incident'))
}

async function finish(
  stage: Stage,
  { dir, outcome, weights }: { dir: string; outcome: Played['outcome']; weights: readonly Weight[] },
): Promise<Played> {
  const home = weights.findLast((weight) => weight.percent === 0)
  const report = await reportAfter(stage, weights.at(-1)?.at ?? 0)
  const firstBad = report?.first_bad ?? null
  const pack = outcome === 'blocked' ? null : await findPack(dir)
  return {
    outcome,
    version: stage.history.release.version,
    steps: weights.slice(1).map((weight) => weight.percent),
    rollback_seconds:
      outcome === 'rolled_back' && firstBad !== null && home !== undefined ? Math.max(0, Math.round(home.at - firstBad) / 1000) : null,
    pack,
    checks: checksOf(stage),
    ledger_root: pack === null ? null : await verified(stage, pack),
    requests: { sent: report?.sent ?? 0, failed: report?.failed ?? 0, canary_bad: report?.arms.canary.bad ?? 0 },
    app_restarts: stage.app.restarts,
  }
}

/** Customers report each second: what happened up to `at` must be in it. */
async function reportAfter(stage: Stage, at: number): Promise<LoadReport | null> {
  for (const end = Date.now() + 5_000; Date.now() < end && (stage.load()?.at ?? 0) <= at;) await sleep(50)
  return stage.load()
}

async function findPack(dir: string): Promise<string | null> {
  const folder = join(dir, 'artifacts/acme/shop/release/v2.0.0')
  const names = await readdir(folder).catch((): string[] => [])
  return names.includes('evidence.zip') ? join(folder, 'evidence.zip') : null
}

/** As a stranger would: from the pack and the public keys alone. */
async function verified(stage: Stage, pack: string): Promise<string> {
  const app = { id: 'app', publicKeyPem: stage.publicKeys.app }
  const answer = verifyPack({
    zip: await readFile(pack),
    trust: trustOf({ keys: [{ id: 'demo', publicKeyPem: stage.publicKeys.job }, app] }),
    packTrust: trustOf({ keys: [app] }),
  })
  if (!answer.ok) throw new Error(`the pack does not verify: ${answer.errors.map((fault) => `${fault.path}: ${fault.message}`).join('; ')}`)
  return answer.report.manifest.ledger.root
}
