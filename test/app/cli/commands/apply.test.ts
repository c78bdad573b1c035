/** The verb against the double of GitHub. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { apply as verb } from '../../../../app/cli/commands/apply.ts'
import { EXIT } from '../../../../app/cli/verb.ts'
import { canonicalize } from '../../../../evidence/core/canonical.ts'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { CHANGES_FILE, changeSetId, type ChangeSet } from '../../../../evidence/model/action-plan.ts'
import { openRelease, REPO, stage } from '../../../double/stage.ts'
import { startGrafana } from '../../../support/grafana/index.ts'
import { cli, emptyFolder } from '../harness.ts'

test('apply makes what a person has read and said yes to, as that person, and takes it back', async () => {
  await using on = await stage()
  await using grafana = await startGrafana()
  const release = await openRelease(on)
  const folder = emptyFolder()
  mkdirSync(join(folder, 'artifacts/P1/plan'), { recursive: true })
  const text = 'groups: []\n'
  const planned = { kind: 'file.write', path: 'alerts/slo_rules.yaml', text, sha256: sha256(text), why: 'so that somebody is told' } as const
  const said = JSON.stringify({ grafana: grafana.url, tags: ['release:v2.0.0'], text: 'Release v2.0.0' })
  const marked = { kind: 'annotation.write', path: 'annotations/v2.0.0', text: said, sha256: sha256(said), why: 'so that it is seen' } as const
  const set: ChangeSet = {
    schema_version: 1,
    repository: REPO,
    sha: release.head,
    base: 'main',
    pull: release.number,
    plans: [{ schema_version: 1, agent: 'slo-librarian', actions: [planned, marked] }],
  }
  const path = join(folder, 'artifacts/P1', CHANGES_FILE)
  writeFileSync(path, canonicalize(set))
  const GRAFANA_TOKEN = grafana.tokenOf('annotations:read', 'annotations:create', 'annotations:delete')
  const env = { GITHUB_TOKEN: on.github.tokenOf('dev'), GITHUB_API_URL: on.github.apiUrl, GRAFANA_URL: grafana.url, GRAFANA_TOKEN }
  const apply = async (...args: readonly string[]) => {
    const { exit, out } = await cli([verb.name, 'artifacts/P1', `--repo=${REPO}`, '--json', ...args], { cwd: folder, env })
    return { exit, out, data: JSON.parse(out) as { id: string; outcomes: { state: string; says: string }[] } }
  }
  const read = await apply()
  expect(read).toMatchObject({ exit: EXIT.ok, data: { id: changeSetId(set), outcomes: [] } })
  expect((await apply(`--plan=${'0'.repeat(32)}`)).exit).toBe(EXIT.unauthorised)
  const yes = `--plan=${read.data.id}`
  expect((await apply(yes, '--simulate')).data.outcomes).toMatchObject([{ state: 'would change' }, { state: 'would change' }])
  const made = await apply(yes)
  expect(made).toMatchObject({
    exit: EXIT.ok,
    data: { outcomes: [{ state: 'changed', says: expect.stringContaining('/pull/') as string }, { state: 'changed' }] },
  })
  expect(grafana.annotations).toMatchObject([{ text: 'Release v2.0.0' }])
  expect((await apply(yes)).data.outcomes).toMatchObject([{ state: 'same' }, { state: 'same' }])
  expect((await apply('--undo')).data.outcomes).toMatchObject([{ state: 'undone' }, { state: 'undone' }])
  expect([grafana.annotations, grafana.violations]).toEqual([[], []])
  const { GRAFANA_URL: _, ...half } = env
  expect((await cli([verb.name, 'artifacts/P1', `--repo=${REPO}`, yes], { cwd: folder, env: half })).err).toContain('GRAFANA_URL is not set')
  writeFileSync(path, canonicalize({ ...set, repository: 'acme/other' }))
  expect((await apply('--undo')).exit).toBe(EXIT.usage)
  writeFileSync(path, canonicalize({ ...set, plans: [{ ...set.plans[0], actions: [{ ...planned, text: 'other' }] }] }))
  expect(await apply()).toMatchObject({ exit: EXIT.usage, out: expect.stringContaining('the SHA-256 of the text') as string })
})
