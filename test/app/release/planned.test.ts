/** Which files a planned release writes anew, and as what, against the double of GitHub. */
import { chmodSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Effect, Ports } from '../../../app/release/ports.ts'
import { cutOf, planFromGitHub, type Planned } from '../../../app/release/planned.ts'
import { parseConfig } from '../../../evidence/config/parse.ts'
import { planning, PLANNING_CONFIG, type Planning } from '../../support/planning.ts'

const FILES = ['VERSION', 'tools/cli/version', 'tools/cli/plain', 'absent/version', 'tools/version/none']
const CONFIG = PLANNING_CONFIG.replace('release: {', `release: { version_files: [${FILES.join(', ')}],`)

async function shop(): Promise<Planning> {
  const of = await planning(CONFIG)
  for (const path of ['VERSION', 'tools/cli/plain']) of.commit(path, '2.0.0\n', `chore: ${path}`)
  of.commit('tools/cli/version', 'v2.0.0', 'feat: a program')
  for (const path of ['VERSION', 'tools/cli/version']) chmodSync(join(of.work, path), 0o755)
  of.git('commit', '-qam', 'fix: they are run')
  await of.push('main')
  of.asked()
  return of
}

async function asked(of: Planning) {
  const parsed = parseConfig(CONFIG)
  if (!parsed.ok) throw new Error('the config is right')
  return planFromGitHub(of.ports, { repository: of.repository, version: 'v2.1.0', config: parsed.config, owner: 'lead', base: null })
}

async function planned(of: Planning): Promise<Planned> {
  const answer = await asked(of)
  if (!('plan' in answer)) throw new Error(answer.message)
  return answer
}

/** Mode and path of what differs from the base. */
async function changed(of: Planning, base: string): Promise<readonly string[]> {
  of.git('fetch', '-q', of.github.repository('acme/shop').gitDir, '+release/v2.1.0:refs/remotes/origin/release/v2.1.0')
  const lines = of.git('diff', '--raw', base, 'origin/release/v2.1.0').split('\n')
  return lines.map((line) => `${line.split(' ')[1]} ${line.split('\t')[1]}`)
}

const perform = (of: Planning, effect: Effect) => (of.ports as Pick<Ports, 'effects'>).effects.perform(of.repository, effect, async () => undefined)

test('a file keeps its mode when the release is cut, and again when its base has moved', async () => {
  await using of = await shop()
  const first = await planned(of)
  expect(
    of
      .asked()
      .filter((one) => /trees|contents/.test(one))
      .map((one) => one.replace(/[0-9a-f]{40}/, 'SHA')),
  ).toEqual([
    'GET /git/trees/SHA',
    'GET /git/trees/SHA',
    'GET /git/trees/SHA',
    'GET /contents/CHANGELOG.md',
    'GET /contents/VERSION',
    'GET /contents/tools/cli/version',
    'GET /contents/tools/cli/plain',
    'GET /contents/.github/pull_request_template.md',
  ])
  const cut = { ...cutOf(first, { login: 'lead', id: 1 }), key: 'cut' }
  const { data, id } = await perform(of, cut)
  const modes = [
    '100644 CHANGELOG.md',
    '100755 VERSION',
    '100644 release_notes/v2.1.0.inputs.json',
    '100644 release_notes/v2.1.0.md',
    '100644 tools/cli/plain',
    '100755 tools/cli/version',
  ]
  expect(await changed(of, 'main')).toEqual(modes)
  expect(of.git('show', 'origin/release/v2.1.0:tools/cli/version')).toBe('v2.1.0')

  chmodSync(join(of.work, 'VERSION'), 0o644)
  of.git('commit', '-qam', 'fix: that one is not')
  await of.push('main')
  const { plan, tree } = await planned(of)
  const from = String(data?.['sha'])
  await perform(of, { ...plan, kind: 'release.renew', key: 'renew', pull: Number(id), from, tree, was: '' })
  expect(await changed(of, 'main')).toEqual(modes.map((line) => line.replace('100755 VERSION', '100644 VERSION')))
  of.github.assertClean()
})

test.each([
  [
    'a symbolic link to a file of the repository',
    'VERSION is a symbolic link',
    (of: Planning) => symlinkSync('tools/cli/plain', join(of.work, 'VERSION')),
  ],
  [
    'a submodule',
    'VERSION is a submodule',
    (of: Planning) => of.git('update-index', '--add', '--cacheinfo', `160000,${of.git('rev-parse', 'HEAD')},VERSION`),
  ],
])('%s is not replaced by a file: nothing is planned', async (_what, said, place) => {
  await using of = await shop()
  of.git('rm', '-q', 'VERSION')
  rmSync(join(of.work, 'VERSION'), { force: true })
  place(of)
  if (said.includes('link')) of.git('add', 'VERSION')
  of.git('commit', '-qm', 'chore: elsewhere')
  await of.push('main')
  expect(await asked(of)).toEqual({
    code: 'no-file',
    message: `${said}: a release would put a file in its place.`,
    next: 'Make it a file, or name in `release.version_files` the files that hold the version.',
  })
  expect(of.asked()).not.toContain('GET /contents/VERSION')
})
