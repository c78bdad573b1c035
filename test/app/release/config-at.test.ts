import { describe, expect, test } from 'vitest'
import { configAt } from '../../../app/release/config-at.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { CONFIG_COMMIT, configText, REPOSITORY } from '../../support/release.ts'
import { worldOf } from '../../support/release-ports.ts'

describe('the config', () => {
  test('is what the base says, with its commit and digest (T46)', async () => {
    const world = worldOf()
    expect(await configAt(world.ports, REPOSITORY, 'main')).toMatchObject({
      ok: true,
      commit: CONFIG_COMMIT,
      digest: sha256(configText()),
      text: configText(),
    })
  })

  test('that is absent or wrong is said so, with the path (T46)', async () => {
    expect(await configAt(worldOf({ config: null }).ports, REPOSITORY, 'main')).toMatchObject({
      ok: false,
      code: 'config.absent',
      message: expect.stringContaining('main'),
    })
    const wrong = await configAt(worldOf({ config: 'version: 1\nrelease: { base: [main], bsae: 1 }\n' }).ports, REPOSITORY, 'main')
    expect(wrong).toMatchObject({ ok: false, code: 'config.invalid', message: expect.stringContaining('bsae') })
  })
})
