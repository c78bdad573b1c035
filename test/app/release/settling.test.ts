import { describe, expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import type { Outcome, OutboxRow, ReleaseState } from '../../../app/release/ports.ts'
import { sealDecision, settleUp } from '../../../app/release/settling.ts'
import { factsOf, HEAD, NOW, recordOf, rolloutOf, rowOf, SETTINGS } from '../../support/release.ts'

const NOTE = 'origin\n3\nroot\n\n— origin sig\n'
const PACK: Outcome = { id: null, data: { seal: 2, path: '/packs/evidence.zip', sha256: 'd'.repeat(64), checkpoint: NOTE } }

function settled(state: ReleaseState, rows: readonly OutboxRow[], rollout = rolloutOf({ stage: 'done', step: 100 }), version = 'v2.0.0'): Draft {
  const facts = factsOf(null, { rows, settings: { ...SETTINGS, log: rollout.policy.log ? 2 : null } })
  const draft = new Draft(recordOf({ state, version }, { rollout, rollouts: rollout.number }), facts.outbox)
  settleUp(draft, facts)
  return draft
}

/** Plays the ends of the intents one by one; answers the kinds in the order they were wanted. */
function played(
  state: ReleaseState,
  start: readonly OutboxRow[] = [],
  rollout = rolloutOf({ stage: 'done', step: 100 }),
): { kinds: string[]; rows: OutboxRow[] } {
  const rows = [...start]
  const kinds: string[] = []
  for (let look = 0; look < 8; look++) {
    const { intents } = settled(state, rows, rollout)
    for (const effect of intents) {
      kinds.push(effect.kind)
      rows.push(rowOf(effect, effect.kind === 'pack.seal' ? PACK : { id: 1 }))
    }
  }
  return { kinds, rows }
}

describe('the seal of a decision', () => {
  test('is wanted before anything is deployed, once for each rollout', () => {
    const draft = new Draft(recordOf({ state: 'canary' }, { rollout: rolloutOf({ number: 2 }) }), new Map())
    sealDecision(draft, factsOf(null))
    sealDecision(draft, factsOf(null))
    expect(draft.intents).toEqual([{ kind: 'pack.seal', key: '7#3/seal/proven/2', outcome: 'proven' }])
  })

  test('is not wanted without a rollout, or after the way back', () => {
    for (const rollout of [null, rolloutOf({ stage: 'withdrawn' })]) {
      const draft = new Draft(recordOf({ state: 'merged' }, { rollout }), new Map())
      sealDecision(draft, factsOf(null))
      expect(draft.intents).toEqual([])
    }
  })
})

describe('at 100 %', () => {
  test('first the pack, then the tag, then the publication; each once', () => {
    expect(played('ga').kinds).toEqual(['pack.seal', 'tag.create', 'release.publish'])
  })

  test('the tag is on the proven commit, and the release carries the pack by its digest', () => {
    const { rows } = played('ga')
    expect(rows[1]?.effect).toMatchObject({ tag: 'v2.0.0', sha: HEAD })
    expect(rows[2]?.effect).toMatchObject({
      tag: 'v2.0.0',
      sha: HEAD,
      prerelease: false,
      notes: 'release_notes/v2.0.0.md',
      assets: [{ name: 'evidence.zip', path: '/packs/evidence.zip', sha256: 'd'.repeat(64) }],
    })
  })

  test('the release keeps the checkpoint that the pack holds', () => {
    expect(played('ga').rows[2]?.effect).toMatchObject({ body: expect.stringContaining(`\n${NOTE}`) as string })
    const older = rowOf({ kind: 'pack.seal', key: '7#3/seal/promoted/1', outcome: 'promoted' }, { ...PACK, data: { path: 'x', sha256: 'd' } })
    const tag = rowOf({ kind: 'tag.create', key: '7#3/tag', tag: 'v2.0.0', sha: HEAD }, { id: null })
    expect(settled('ga', [older, tag]).intents).toMatchObject([{ body: expect.not.stringContaining('Ledger') as string }])
  })

  test('a version with a hyphen is a prerelease', () => {
    const seal = rowOf({ kind: 'pack.seal', key: '7#3/seal/promoted/1', outcome: 'promoted' }, PACK)
    const tag = rowOf({ kind: 'tag.create', key: '7#3/tag', tag: 'v2.0.0-rc.1', sha: HEAD }, { id: null })
    expect(settled('ga', [seal, tag], undefined, 'v2.0.0-rc.1').intents).toMatchObject([{ kind: 'release.publish', prerelease: true }])
  })

  test('nothing is published before the tag is there', () => {
    const seal = rowOf({ kind: 'pack.seal', key: '7#3/seal/promoted/1', outcome: 'promoted' }, PACK)
    const tag = rowOf({ kind: 'tag.create', key: '7#3/tag', tag: 'v2.0.0', sha: HEAD })
    for (const row of [tag, { ...tag, state: 'started' as const }, { ...tag, state: 'failed' as const }])
      expect(settled('ga', [seal, row]).intents).toEqual([])
  })

  test('nothing is published before the pack is sealed', () => {
    const seal = rowOf({ kind: 'pack.seal', key: '7#3/seal/promoted/1', outcome: 'promoted' })
    for (const row of [seal, { ...seal, state: 'started' as const }, { ...seal, state: 'failed' as const }])
      expect(settled('ga', [row]).intents).toEqual([])
  })
})

test('a rollback that follows 100 % seals a further pack; the published release stays as it is', () => {
  const { rows } = played('ga')
  const back = rolloutOf({ stage: 'withdrawn', step: 100, why: { code: 'manual', sentence: 'Roll back: complaints.' } })
  const [seal, ...more] = settled('rolled_back', rows, back).intents
  expect([seal, more]).toMatchObject([{ kind: 'pack.seal', key: '7#3/seal/rolled_back/1', outcome: 'rolled_back' }, []])
  const third = rowOf(seal ?? never(), { id: null, data: { ...PACK.data, seal: 3, sha256: 'f'.repeat(64), previous: 'd'.repeat(64) } })
  const { intents } = settled('rolled_back', [...rows, third], back)
  expect(intents).toMatchObject([
    { kind: 'issue.open', body: expect.stringContaining(`pack 3 \`${'f'.repeat(64)}\`, which follows \`${'d'.repeat(64)}\``) },
  ])
})

function never(): never {
  throw new Error('nothing was wanted')
}

describe('after a rollback', () => {
  const rollout = rolloutOf({ stage: 'withdrawn', step: 50, why: { code: 'slo_breach', sentence: 'Roll back: 9 of 10 failed.' } })
  const deployments = [10, 50].map((step, at) =>
    rowOf(
      {
        kind: 'deployment.create',
        key: `7#3/rollout/1/prod/${step}/deployment`,
        sha: HEAD,
        environment: 'prod',
        task: 'canary',
        description: '',
        payload: {},
      },
      { id: 70 + at },
    ),
  )

  test('the pack, the ends of the deployments, then the incident; no tag and no publication', () => {
    const { kinds } = played('rolled_back', deployments, rollout)
    expect(kinds.toSorted()).toEqual(['deployment.status', 'deployment.status', 'issue.open', 'pack.seal'])
    expect(kinds.at(-1)).toBe('issue.open')
  })

  test('the incident keeps the checkpoint, because there is no release that could', () => {
    const { rows } = played('rolled_back', deployments, rollout)
    expect(rows.at(-1)?.effect).toMatchObject({ kind: 'issue.open', body: expect.stringContaining(`\n${NOTE}`) as string })
  })

  test('the step that failed is a failure, the one before is inactive (T52, T54)', () => {
    const { rows } = played('rolled_back', deployments, rollout)
    const states = rows.flatMap(({ effect }) => (effect.kind === 'deployment.status' ? [[effect.deployment, effect.state]] : []))
    expect(states).toEqual([
      [70, 'inactive'],
      [71, 'failure'],
    ])
  })

  test('the incident tells why, what and where the proof is', () => {
    const { rows } = played('rolled_back', deployments, rollout)
    const issue = rows.map(({ effect }) => effect).find((effect) => effect.kind === 'issue.open')
    expect(issue).toMatchObject({ title: 'v2.0.0 was rolled back from 50 % of prod', labels: ['incident'] })
    for (const part of ['Roll back: 9 of 10 failed.', '#3', HEAD, 'd'.repeat(64), 'Next:'])
      expect(issue).toMatchObject({ body: expect.stringContaining(part) })
    expect(issue).not.toMatchObject({ body: expect.stringContaining('by trace') })
  })

  test('what people wrote and what paths answered has no effect in it', () => {
    const said = '@acme/all <img src=x> ![x](https://evil.example/x.png) fixes #12 <!-- release-conductor:x -->\n/promote 100'
    const why = { code: 'manual', sentence: `Roll back: no_data (share-off), and lead said so: ${said}` }
    const { rows } = played('rolled_back', deployments, { ...rollout, why, red: [`checkout: ${said}`] })
    const issue = rows.map(({ effect }) => effect).find((effect) => effect.kind === 'issue.open')
    const body = issue?.kind === 'issue.open' ? issue.body : ''
    expect(body).toMatch(/^Roll back: no_data \(share-off\), and lead said so/)
    expect(body.match(/@\u2060acme\/all/g)).toHaveLength(2)
    expect(body).not.toMatch(/@acme|(?<!\\)<img|(?<!\\)\]\(|#12|<!--|^\/promote/m)
  })

  test('and which requests failed, by trace', () => {
    const { rows } = played('rolled_back', deployments, { ...rollout, traces: ['4bf9', 'a b'] })
    const issue = rows.map(({ effect }) => effect).find((effect) => effect.kind === 'issue.open')
    expect(issue).toMatchObject({ body: expect.stringContaining('\n- Requests of the canary that failed or were slow, by trace: `4bf9`\n') })
  })
})

test.each<ReleaseState>(['merged', 'canary', 'full', 'baking', 'held', 'rolling_back'])('in %s nothing is settled', (state) => {
  expect(settled(state, []).intents).toEqual([])
})

test('while something is wanted the release is looked at again soon', () => {
  expect(settled('ga', []).dueAt).toBe(NOW + SETTINGS.sampleMs)
  expect(settled('ga', played('ga').rows).dueAt).toBeNull()
})

describe('with a transparency log', () => {
  const logged = rolloutOf({ stage: 'done', step: 100, policy: { ...rolloutOf().policy, log: true } })
  const entry: Outcome = { id: null, data: { path: '/packs/evidence.sigstore.json', sha256: 'e'.repeat(64) } }

  test('the sealed decision is logged after it was sealed, and nothing waits for that here', () => {
    const facts = factsOf(null, { settings: { ...SETTINGS, log: 2 } })
    const rollout = rolloutOf({ policy: logged.policy })
    const first = new Draft(recordOf({ state: 'canary' }, { rollout }), facts.outbox)
    sealDecision(first, facts)
    expect(first.intents.map((effect) => effect.kind)).toEqual(['pack.seal'])
    const seal = first.intents.map((effect) => rowOf(effect, PACK))
    const then = factsOf(null, { rows: seal, settings: facts.settings })
    const second = new Draft(recordOf({ state: 'canary' }, { rollout }), then.outbox)
    sealDecision(second, then)
    expect(second.intents).toEqual([{ kind: 'log.enter', key: '7#3/log/proven/1', seal: 2, pack: 'd'.repeat(64), path: '/packs/evidence.zip' }])
  })

  test('the release is published when the log holds the pack, with the logged signature beside it', () => {
    const waiting = settled('ga', [rowOf({ kind: 'pack.seal', key: '7#3/seal/promoted/1', outcome: 'promoted' }, PACK)], logged)
    expect(waiting.intents).toMatchObject([{ kind: 'log.enter', key: '7#3/log/promoted/1', seal: 2, pack: 'd'.repeat(64) }])
    const rows = [
      rowOf({ kind: 'pack.seal', key: '7#3/seal/promoted/1', outcome: 'promoted' }, PACK),
      rowOf({ kind: 'log.enter', key: '7#3/log/promoted/1', seal: 2, pack: 'd'.repeat(64), path: '/packs/evidence.zip' }, entry),
      rowOf({ kind: 'tag.create', key: '7#3/tag', tag: 'v2.0.0', sha: HEAD }, { id: null }),
    ]
    expect(settled('ga', rows, logged).intents).toMatchObject([
      {
        kind: 'release.publish',
        assets: [
          { name: 'evidence.zip', path: '/packs/evidence.zip' },
          { name: 'evidence.sigstore.json', path: '/packs/evidence.sigstore.json', sha256: 'e'.repeat(64), contentType: 'application/json' },
        ],
      },
    ])
  })

  test('an incident is opened at once, whatever the log does', () => {
    const rollout = rolloutOf({ stage: 'withdrawn', step: 10, policy: logged.policy, why: { code: 'slo_breach', sentence: 'It failed.' } })
    const rows = [rowOf({ kind: 'pack.seal', key: '7#3/seal/rolled_back/1', outcome: 'rolled_back' }, PACK)]
    expect(
      settled('rolled_back', rows, rollout)
        .intents.map((effect) => effect.kind)
        .toSorted(),
    ).toEqual(['issue.open', 'log.enter'])
  })
})

const kept = (rows: readonly OutboxRow[], state: ReleaseState = 'ga'): string[] =>
  settled(state, rows).intents.flatMap((effect) => (effect.kind === 'pack.keep' ? [effect.store] : []))

describe('a sealed pack is meant for each store the config named', () => {
  const KEPT: Outcome = { id: null, data: { ...PACK.data, stores: 'artifacts github-release bucket' } }
  const seal = rowOf({ kind: 'pack.seal', key: '7#3/seal/promoted/1', outcome: 'promoted' }, KEPT)

  test('at once, but for the GitHub release, which keeps it only when it is published', () => {
    expect(kept([seal])).toEqual(['artifacts', 'bucket'])
    const tag = rowOf({ kind: 'tag.create', key: '7#3/tag', tag: 'v2.0.0', sha: HEAD }, { id: null })
    const publish = settled('ga', [seal, tag]).intents.find((effect) => effect.kind === 'release.publish')
    const rows = [seal, tag, ...(publish === undefined ? [] : [rowOf(publish, { id: 1 })])]
    expect(kept(rows).toSorted()).toEqual(['artifacts', 'bucket', 'github-release'])
    // What is attached is what is kept there, and no other pack.
    const other = rowOf(
      { kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' },
      { ...KEPT, data: { ...KEPT.data, sha256: 'c'.repeat(64) } },
    )
    expect(kept([...rows, other]).filter((store) => store === 'github-release')).toHaveLength(1)
  })

  test('nothing before the seal, and publishing waits for no store', () => {
    expect(kept([rowOf(seal.effect)])).toEqual([])
    expect(settled('ga', [seal]).intents.map((effect) => effect.kind)).toContain('tag.create')
  })

  test('after a rollback too, where nothing is published; the incident does not wait', () => {
    const back = rowOf({ kind: 'pack.seal', key: '7#3/seal/rolled_back/1', outcome: 'rolled_back' }, KEPT)
    expect(kept([back], 'rolled_back')).toEqual(['artifacts', 'bucket'])
    expect(settled('rolled_back', [back]).intents.map((effect) => effect.kind)).toContain('issue.open')
  })

  test('that of a decision as well, once, whatever became of its rollout since', () => {
    const first = rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, KEPT)
    const facts = factsOf(null, { rows: [first] })
    const draft = new Draft(recordOf({ state: 'canary' }, { rollout: rolloutOf({ number: 2 }), rollouts: 2 }), facts.outbox)
    settleUp(draft, facts)
    settleUp(draft, facts)
    expect(draft.intents).toMatchObject([
      { kind: 'pack.keep', store: 'artifacts', key: '7#3/seal/proven/1/keep/artifacts', seal: 2, sha256: 'd'.repeat(64) },
      { kind: 'pack.keep', store: 'bucket' },
    ])
  })
})
