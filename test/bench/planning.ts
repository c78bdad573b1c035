/** How many calls of GitHub's API it takes to plan a release and to open or update its pull request, against release-please on the same repository. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { githubEffects, type GitHubEffect } from '../../app/github/apply/index.ts'
import { facts } from '../../app/github/facts.ts'
import { history } from '../../app/github/history.ts'
import { client } from '../../app/github/octokit.ts'
import { configAt, configOfText } from '../../app/release/config-at.ts'
import { cutOf, planFromGitHub } from '../../app/release/planned.ts'
import { keptOf, renewalOf } from '../../app/release/renewal.ts'
import type { Outcome, Ports, ReleaseCut } from '../../app/release/ports.ts'
import { CONFIG_MAX_BYTES, CONFIG_PATH } from '../../evidence/model/config.ts'
import { recordOf } from '../support/release.ts'
import { worldOf } from '../support/release-ports.ts'
import { Unavailable, type Bench, type Benchmark } from './benchmark.ts'
import { openFront, type Front } from './planning/front.ts'
import { openShop, type Shop } from './planning/shop.ts'
import type { Row } from './row.ts'

const THEIRS = 'release-please'
const VERSION = '17.11.2'
const MOST = 0.35

/** As its Action does on each push: it looks for releases to tag first, then plans the next one. */
interface Theirs {
  readonly all: readonly string[]
  /** Of them, for planning alone. */
  readonly pull: number
}

interface Counted {
  readonly what: string
  readonly ours: readonly string[]
  readonly theirs: Theirs
  /** Calls of ours, at most. */
  readonly most: number
}

export const planning: Benchmark = {
  name: 'planning',
  what: `calls to GitHub until the release pull request is open or up to date; against ${THEIRS} ${VERSION} (asks the npm registry for it)`,
  tools: { npm: 'npm, which comes with Node', git: 'the package git' },
  rounds: 1,
  counted: 'rounds',
  async run(bench) {
    const theirs = await installed(bench)
    const counted: Counted[] = []
    {
      bench.say('a repository with 200 merged pull requests')
      const of = await opened(join(bench.dir, 'one'), theirs)
      try {
        counted.push({ what: 'push, nothing to release', most: 5, ours: await of.nothing(), theirs: await of.theirs('nothing') })
        await of.shop.grow(Array.from({ length: 3 }, () => 'pull'))
        counted.push({ what: '3 features, opens it', most: 15, ours: await of.open(), theirs: await of.theirs('open') })
        await of.shop.grow(Array.from({ length: 34 }, () => 'pull'))
        counted.push({ what: '37 commits, updates it', most: 15, ours: await of.update(), theirs: await of.theirs('update') })
      } finally {
        await of.close()
      }
    }
    bench.say('the same with 120 commits, half of them direct pushes')
    const of = await opened(join(bench.dir, 'two'), theirs)
    try {
      await of.shop.grow(Array.from({ length: 120 }, (_, at) => (at % 2 === 0 ? 'pull' : 'direct')))
      counted.push({ what: '120 commits, 60 of them direct pushes, opens it', most: 20, ours: await of.open(), theirs: await of.theirs('open') })
    } finally {
      await of.close()
    }
    for (const { what, ours, theirs: others } of counted)
      bench.tell({ title: `${what}: what is asked`, head: ['call', 'ours', THEIRS], rows: tally(ours, others.all) })
    return counted.flatMap(({ what, ours, theirs: others, most }): Row[] => [
      row(what, ours, { name: `${THEIRS} ${VERSION} on a push`, value: others.all.length }, MOST),
      row(what, ours, { name: `${THEIRS} release-pr alone`, value: others.pull }, null),
      row(`${what}, in all`, ours, null, most),
    ])
  },
}

function row(what: string, ours: readonly string[], peer: Row['peer'], limit: number | null): Row {
  return { benchmark: 'planning', what, unit: 'requests', ours: ours.length, peer, limit }
}

async function installed({ dir, say }: Bench): Promise<string> {
  const place = join(dir, 'theirs')
  await mkdir(place)
  await writeFile(join(place, 'package.json'), '{}')
  say(`npm installs ${THEIRS} ${VERSION}`)
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${THEIRS}@${VERSION}`]
  await promisify(execFile)('npm', args, { cwd: place }).catch((error: unknown) => {
    throw new Unavailable(`npm could not install ${THEIRS}, for which it asks its registry: ${String(error).slice(0, 500)}`)
  })
  return join(place, 'node_modules/release-please/build/src/bin/release-please.js')
}

interface Opened {
  readonly shop: Shop
  /** Each: the calls it took. */
  nothing(): Promise<readonly string[]>
  open(): Promise<readonly string[]>
  update(): Promise<readonly string[]>
  theirs(what: 'nothing' | 'open' | 'update'): Promise<Theirs>
  close(): Promise<void>
}

async function opened(dir: string, theirs: string): Promise<Opened> {
  await mkdir(dir)
  const shop = await openShop(dir)
  const front = await openFront(shop.github, shop.name)
  const ours = portsOn(shop, front)
  let made: { readonly effect: ReleaseCut; readonly outcome: Outcome } | null = null
  return {
    shop,
    async nothing() {
      front.calls()
      const planned = await planNew(ours, 'v1.1.0')
      if ('plan' in planned || planned.code !== 'nothing') throw new Error('there was something to release')
      return front.calls()
    },
    async open() {
      front.calls()
      const planned = await planNew(ours, 'v1.1.0')
      if (!('plan' in planned)) throw new Error(planned.message)
      const effect = cutOf(planned, { login: 'dev', id: 1 })
      made = { effect, outcome: await ours.perform({ ...effect, key: 'cut' }) }
      const calls = front.calls()
      expectOpen(shop, effect.branch, made.outcome)
      return calls
    },
    async update() {
      if (made === null) throw new Error('nothing is open')
      const { effect, outcome } = made
      const sha = String(outcome.data?.['sha'])
      front.calls()
      // What every look at a release reads, and what is read and done because its base has moved.
      const pull = await ours.ports.read.pull(ours.repository, outcome.id ?? 0)
      if (pull === null) throw new Error('it is gone')
      const config = await configAt(ours.ports, ours.repository, pull.base.ref)
      const record = recordOf({ repository: ours.repository, pull: pull.number, version: effect.version, head: sha }, { kept: keptOf(effect, sha) })
      const renewal = await renewalOf(ours.ports, { record, pull, config, outbox: [] })
      if (renewal === undefined || !('kind' in renewal)) throw new Error('there was nothing to update')
      const done = await ours.perform({ ...renewal, key: 'renew' })
      if (done.data?.['told'] !== 1) throw new Error('it was not updated')
      return front.calls()
    },
    async theirs(what) {
      front.calls()
      const address = ['--repo-url', shop.name, '--api-url', `${front.url}/api/v3`, '--graphql-url', `${front.url}/api`]
      const args = ['--token', shop.github.tokenOf('dev'), ...address, '--target-branch', 'main']
      const run = (command: string) => promisify(execFile)(process.execPath, [theirs, command, ...args], { timeout: 120_000, maxBuffer: 64 << 20 })
      await run('github-release')
      const first = front.calls()
      const { stdout, stderr } = await run('release-pr')
      const calls = { all: [...first, ...front.calls()], pull: 0 }
      calls.pull = calls.all.length - first.length
      const entry = [...shop.github.repository(shop.name).issues.values()].find(({ pull }) =>
        pull?.headRef.startsWith('release-please--branches--main'),
      )
      const told = (entry?.body ?? '').split('\n').filter((line) => line.startsWith('* ')).length
      if ((what === 'nothing') !== (entry === undefined) || (what === 'update' && told < 37))
        throw new Error(`${THEIRS} did something else than ${what}: ${`${stdout}${stderr}`.slice(-1000)}`)
      shop.github.assertClean()
      return calls
    },
    async close() {
      await front[Symbol.asyncDispose]()
      await shop.github.settled()
      await shop.github.stop()
    },
  }
}

function expectOpen(shop: Shop, branch: string, { id }: Outcome): void {
  const entry = shop.github.repository(shop.name).issues.get(id ?? 0)
  if (entry?.pull?.headRef !== branch || entry.labels.length < 2) throw new Error('it is not open as it should be')
}

function portsOn(shop: Shop, front: Front) {
  const { github } = shop
  const { id } = github.repository(shop.name)
  const repository = { id, owner: 'acme', name: 'shop', installationId: github.app.installationId }
  const hands = client({ appId: github.app.id, privateKey: github.app.privateKey, baseUrl: `${front.url}/api/v3` })
  const ports: Ports = { ...worldOf().ports, clock: { now: () => Date.now() }, read: facts(hands), history: history(hands) }
  const effects = githubEffects(hands)
  return { repository, ports, perform: (effect: GitHubEffect) => effects.perform(repository, effect) }
}

/** As `/release` does, after its author was asked about. */
async function planNew({ ports, repository }: ReturnType<typeof portsOn>, version: string) {
  const config = configOfText((await ports.history?.ofDefault(repository, CONFIG_PATH, CONFIG_MAX_BYTES)) ?? '', '')
  if (!config.ok) throw new Error(config.message)
  return planFromGitHub(ports, { repository, version, config: config.config, owner: 'dev', base: null })
}

/** Calls alike but for ids and pages, each with how often. */
function tally(ours: readonly string[], theirs: readonly string[]): readonly (readonly string[])[] {
  const count = (calls: readonly string[], name: string): string => String(calls.filter((call) => alike(call) === name).length)
  return [...new Set([...ours, ...theirs].map(alike))].toSorted().map((name) => [name, count(ours, name), count(theirs, name)])
}

function alike(call: string): string {
  return call
    .replace(/\?.*$/, '')
    .replaceAll(/\b[0-9a-f]{40}\b/g, '{sha}')
    .replaceAll(/(?<=\/)\d+\b/g, '{number}')
}
