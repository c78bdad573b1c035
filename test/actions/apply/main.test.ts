/** The action against the double of GitHub: the plan that was said yes to, and no other. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, type ApplyInputs } from '../../../actions/apply/main.ts'
import { writeFolder } from '../../../actions/lib/folder.ts'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { CHANGES_FILE, changeSetId, type ChangeSet } from '../../../evidence/model/action-plan.ts'
import { HANDOVER_FILE } from '../../../evidence/model/handover.ts'
import { openRelease, REPO, stage, type Stage } from '../../double/stage.ts'
import { startGrafana } from '../../support/grafana/index.ts'
import { action, comment, file, ruleset, setOf } from '../../agents/apply/stage.ts'

let on: Stage
let release: { readonly number: number; readonly head: string }
beforeAll(async () => {
  on = await stage()
  release = await openRelease(on)
})
afterAll(async () => {
  on.github.assertClean()
  await on[Symbol.asyncDispose]()
})

async function handover(set: ChangeSet, planned: string = canonicalize(set)): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'apply-'))
  const files = [{ path: CHANGES_FILE, sha256: sha256(planned), size: Buffer.byteLength(planned) }]
  const text = canonicalize({ schema_version: 1, phase: 'P1', responses: [], self_tests: [], deployments: [], files })
  await writeFolder(
    folder,
    new Map([
      [CHANGES_FILE, Buffer.from(planned)],
      [HANDOVER_FILE, Buffer.from(text)],
    ]),
  )
  return folder
}

async function inputs(set: ChangeSet, over: Partial<ApplyInputs> = {}): Promise<ApplyInputs> {
  return {
    path: await handover(set),
    artifactDigest: null,
    plan: changeSetId(set),
    undo: 'false',
    simulate: 'false',
    token: on.github.tokenOf('dev'),
    login: 'dev',
    grafanaUrl: null,
    grafanaToken: null,
    out: mkdtempSync(join(tmpdir(), 'applied-')),
    facts: { apiUrl: on.github.apiUrl, repository: REPO },
    now: () => Date.parse('2026-11-22T12:00:00Z'),
    ...over,
  }
}

test('files and the comment are made by the API of a job, and taken back; a ruleset needs an admin', async () => {
  const set = setOf(
    release.head,
    release.number,
    file('alerts/slo_rules.yaml', 'groups: []\n'),
    comment(release.number, 'here'),
    ruleset('main', 'other'),
  )
  const given = await inputs(set)
  expect((await run({ ...given, simulate: 'true' })).map(({ state }) => state)).toEqual(['would change', 'would change', 'would change'])
  const made = await run(given)
  expect(made.map(({ state }) => state)).toEqual(['changed', 'changed', 'failed'])
  expect(made[2]?.says).toContain('(404)')
  expect((await run(given)).map(({ state }) => state)).toEqual(['same', 'same', 'failed'])
  expect((await run({ ...given, undo: 'true' })).map(({ state }) => state)).toEqual(['undone', 'undone', 'undone'])
})

test('an annotation is posted to the Grafana that the job names, and to no other', async () => {
  await using grafana = await startGrafana()
  const token = grafana.tokenOf('annotations:read', 'annotations:create', 'annotations:delete')
  const text = JSON.stringify({ grafana: grafana.url, tags: ['release:v2.0.0'], text: 'Release v2.0.0' })
  const given = await inputs(setOf(release.head, release.number, action('annotation.write', 'annotations/v2.0.0', text)))
  const leave = { grafanaUrl: grafana.url, grafanaToken: token }
  expect(await run(given)).toMatchObject([{ state: 'failed', says: `Nobody gave leave to write to ${grafana.url}` }])
  await expect(run({ ...given, ...leave, grafanaToken: null })).rejects.toMatchObject({ code: 'bad-input' })
  expect(await run({ ...given, ...leave })).toMatchObject([{ state: 'changed' }])
  expect(await run({ ...given, ...leave, undo: 'true' })).toMatchObject([{ state: 'undone' }])
  expect([grafana.annotations, grafana.violations]).toEqual([[], []])
})

test.each([
  ['another id', { plan: '0'.repeat(32) }, 'bad-input'],
  ['another repository', { facts: { apiUrl: 'http://127.0.0.1:1', repository: 'acme/other' } }, 'bad-input'],
  ['a word that is neither', { undo: 'yes' }, 'bad-input'],
  ['no hand-over', { path: '/nowhere' }, 'no-handover'],
] as const)('%s: nothing is changed', async (_, over, code) => {
  const set = setOf(release.head, release.number, file('never.txt', 'x'))
  await expect(run(await inputs(set, over))).rejects.toMatchObject({ code })
})

test('a plan that is not the one of the hand-over, and one that is none', async () => {
  const set = setOf(release.head, release.number, file('never.txt', 'x'))
  const given = await inputs(set)
  writeFileSync(join(given.path, CHANGES_FILE), readFileSync(join(given.path, CHANGES_FILE), 'utf8').replace('never', 'other'))
  await expect(run(given)).rejects.toMatchObject({ code: 'file-changed' })
  await expect(run({ ...given, path: await handover(set, '{}') })).rejects.toMatchObject({ code: 'bad-handover' })
})
