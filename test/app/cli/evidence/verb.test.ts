import { expect, test } from 'vitest'
import { evidence } from '../../../../app/cli/commands/evidence.ts'
import { ACTIONS } from '../../../../app/cli/evidence/index.ts'
import { evidenceOf } from '../../../../app/cli/evidence/verb.ts'
import { LOADERS } from '../../../../app/cli/verbs.ts'
import { cli, emptyFolder } from '../harness.ts'

test('a named action is loaded alone, wherever its options stand', async () => {
  const alone = await LOADERS['evidence']?.(['sbom', '--lock=x'])
  expect(Object.keys(alone?.options ?? {}).toSorted()).toEqual(['format', 'image', 'lock', 'manifest', 'name', 'out', 'platform'])
  expect((await LOADERS['evidence']?.(['--lock=x', 'sbom']))?.usage).toBe(evidence.usage)
  for (const args of [['sbom', '--help'], ['constructor'], []]) expect((await LOADERS['evidence']?.(args))?.usage).toBe(evidence.usage)
})

test('alone or among all, an action answers the same', async () => {
  const cwd = emptyFolder()
  for (const [action = '', ...rest] of [['sbom'], ['sbom', '--lock=none', '--out=x'], ['verify', '--key=none.pub', 'none.zip'], ['sign']]) {
    const alone = await cli(['evidence', action, ...rest], { cwd })
    const options = rest.filter((word) => word.startsWith('-'))
    const words = rest.filter((word) => !word.startsWith('-'))
    expect(await cli(['evidence', ...options, action, ...words], { cwd })).toEqual(alone)
    expect(alone.exit).toBe(2)
  }
})

test('every action is in the whole verb', async () => {
  const actions = await Promise.all(Object.values(ACTIONS).map((load) => load()))
  expect(evidenceOf(actions).usage).toBe(evidence.usage)
})
