/** One release on the stage as people see it, and what is on GitHub and in production when it has ended. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyPack } from '../../evidence/pack/read.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import { pullRequestBody } from '../shop/history.ts'
import type { Repository } from '../support/github/index.ts'
import type { Shop, Stage } from './stage.ts'

const PROMOTE = /^> (\/promote 100 plan:[0-9a-f]{32})$/m

export class Release {
  readonly stage: Stage
  readonly shop: Shop
  readonly pull: number

  constructor(stage: Stage, shop: Shop, pull: number) {
    this.stage = stage
    this.shop = shop
    this.pull = pull
  }

  get repository(): Repository {
    return this.stage.github.repository(this.shop.fullName)
  }

  /** The status comment; '' while there is none. */
  get status(): string {
    return this.comments[0]?.body ?? ''
  }

  get comments(): Repository['comments'] extends Map<number, infer One> ? One[] : never {
    return [...this.repository.comments.values()].filter((one) => one.issue === this.pull && one.body.startsWith('<!-- release-conductor:status'))
  }

  /** As the status comment's title says it: `canary`, `rolled back`. */
  get state(): string {
    return /^## Release \S+: (.+)$/m.exec(this.status)?.[1] ?? ''
  }

  /** Of the pull request, now. */
  get head(): string {
    return this.repository.issues.get(this.pull)?.pull?.headSha ?? ''
  }

  /** gate -> conclusion on the newest commit, or the status while there is none. */
  get checks(): Record<string, string> {
    const checks: Record<string, string> = {}
    for (const run of this.ourChecks.filter(({ headSha }) => headSha === this.head))
      checks[/^release-conductor\/([a-z_]+) /.exec(run.name)?.[1] ?? run.name] = run.conclusion ?? run.status
    return checks
  }

  get ourChecks(): Repository['checks'] {
    return this.repository.checks.filter((run) => run.name.startsWith('release-conductor/')).toSorted((a, b) => a.id - b.id)
  }

  /** The line an approver may paste now. */
  get line(): string | null {
    return PROMOTE.exec(this.status)?.[1] ?? null
  }

  get reactions(): (comment: number) => string[] {
    return (comment) => (this.repository.comments.get(comment)?.reactions ?? []).map((reaction) => reaction.content)
  }

  /** Resolves with the first answer that is neither null nor false. @throws with the status comment and the App's last words */
  async until<Found>(what: string, look: () => Found | null | false | Promise<Found | null | false>, timeoutMs = 100_000): Promise<Found> {
    const end = Date.now() + timeoutMs
    while (Date.now() < end) {
      const found = await look()
      if (found !== null && found !== false) return found
      await sleep(100)
    }
    const words = (await this.stage.app.log()).trimEnd().split('\n').slice(-15).join('\n')
    throw new Error(
      `not in ${timeoutMs / 1000} s: ${what}\n--- checks\n${JSON.stringify(this.checks)}\n--- status\n${this.status}\n--- log\n${words}`,
    )
  }

  /** To the merged commit and the line to paste. */
  async merged(): Promise<string> {
    const { github } = this.stage
    await this.until('every required check is green', () => this.checks['all_required_gates'] === 'success')
    await this.until('merged', async () => {
      const answer = await github
        .as('dev')
        .request('PUT', `/repos/${this.shop.fullName}/pulls/${this.pull}/merge`, { merge_method: 'merge', sha: this.shop.history.release.sha })
      return answer.status === 200
    })
    return await this.until('a line to paste', () => this.state.startsWith('merged') && this.line)
  }

  async approve(line: string): Promise<void> {
    await this.stage.github.as('approver').comment(this.shop.fullName, this.pull, line)
  }

  get weight(): number {
    return this.shop.hosting.weights.at(-1)?.percent ?? 0
  }

  /** Weights as they changed. */
  get ramp(): number[] {
    return this.shop.hosting.weights.map((one) => one.percent).filter((percent, at, all) => percent !== all[at - 1])
  }

  get isPublished(): boolean {
    return (
      this.state === 'released' && this.repository.releases.some((one) => !one.draft && one.assets.some((asset) => asset.name === 'evidence.zip'))
    )
  }

  get incidents(): string[] {
    return [...this.repository.issues.values()].filter((one) => one.labels.includes('incident')).map((one) => one.title)
  }

  get isRolledBack(): boolean {
    return this.state === 'rolled back' && this.incidents.length > 0
  }

  async ended(timeoutMs = 150_000): Promise<'promoted' | 'rolled_back'> {
    const outcome = await this.until(
      'the release has ended',
      () => (this.isPublished ? 'promoted' : this.isRolledBack ? 'rolled_back' : null),
      timeoutMs,
    )
    await this.until('every deployment has its last status', () =>
      this.repository.deployments.every((one) => ['success', 'inactive', 'failure'].includes(one.statuses.at(-1)?.state ?? '')),
    )
    return outcome
  }

  /** What is there twice, lost or out of order; empty when nothing is. */
  faults(outcome: 'promoted' | 'rolled_back'): string[] {
    const { repository } = this
    const steps = repository.deployments.map((one) => String((one.payload as { percent?: number }).percent))
    const reached = this.ramp.filter((percent) => percent > 0)
    const full = outcome === 'promoted'
    return [
      ...twice('deployment', steps),
      ...twice(
        'run',
        repository.runs.map((run) => String(run.inputs['key'])),
      ),
      ...twice(
        'check',
        this.ourChecks.map((run) => run.externalId),
      ),
      ...twice(
        'reaction',
        [...repository.comments.values()].flatMap((one) => one.reactions.map((reaction) => `${one.id} ${reaction.content}`)),
      ),
      ...wrong('status comments', this.comments.length, this.comments.length === 1),
      ...wrong('releases', repository.releases.length, repository.releases.length === (full ? 1 : 0)),
      ...wrong('incidents', this.incidents, this.incidents.length === (full ? 0 : 1)),
      ...wrong('weights', this.ramp, isRamp(this.ramp, full)),
      ...wrong(
        'steps without a deployment',
        [reached, steps],
        reached.every((percent) => steps.includes(String(percent))),
      ),
    ]
  }

  /** Problems of the sealed pack, as a stranger with the public keys sees them. */
  async packProblems(): Promise<string[]> {
    const app = { id: 'app', publicKeyPem: this.stage.publicKeys.app }
    const zip = await readFile(join(this.stage.dir, 'artifacts', this.shop.fullName, 'release', this.shop.history.release.version, 'evidence.zip'))
    const answer = verifyPack({
      zip,
      trust: trustOf({ keys: [{ id: 'demo', publicKeyPem: this.stage.publicKeys.job }, app] }),
      packTrust: trustOf({ keys: [app] }),
    })
    return answer.ok ? [] : answer.errors.map((error) => `${error.path}: ${error.message}`)
  }
}

function twice(what: string, keys: readonly string[]): string[] {
  return [...new Set(keys.filter((key, at) => keys.indexOf(key) !== at))].map((key) => `twice: ${what} ${key}`)
}

function wrong(what: string, seen: unknown, isRight: boolean): string[] {
  return isRight ? [] : [`${what}: ${JSON.stringify(seen)}`]
}

/** 0, 10, 50, 100; or a beginning of it and then 0. */
function isRamp(ramp: readonly number[], full: boolean): boolean {
  const up = [0, 10, 50, 100]
  if (full) return JSON.stringify(ramp) === JSON.stringify(up)
  const home = ramp.length > 1 ? ramp.slice(0, -1) : ramp
  return ramp.at(-1) === 0 && home.every((percent, at) => percent === up[at])
}

export async function openRelease(stage: Stage, shop: Shop = stage.shop): Promise<Release> {
  const dev = stage.github.as('dev')
  const { branch, version } = shop.history.release
  const pull = await dev.openPull(shop.fullName, { head: branch, base: 'main', title: `Release ${version}`, body: await pullRequestBody() })
  await dev.label(shop.fullName, pull.number, ['type:feat', 'risk:low'])
  return new Release(stage, shop, pull.number)
}
