import { expect, test } from 'vitest'
import { openNames } from '../../app/open-names.ts'
import { openRelease, stage } from '../double/stage.ts'

const NAMED = { routers: { web: {} }, metrics: {}, webhooks: {}, probes: {}, stores: {} }

test('GitHub is asked how many repositories there are, only when it matters', async () => {
  await using on = await stage()
  await openRelease(on)
  const { id: appId, privateKey } = on.github.app
  const github = { appId, privateKey, apiUrl: on.github.apiUrl }
  expect(await openNames({ github, named: NAMED, limits: {} }, true)).toEqual({ names: ['routers.web'], repositories: 1 })
  const nowhere = { ...github, apiUrl: 'http://127.0.0.1:9' }
  expect(await openNames({ github: nowhere, named: NAMED, limits: {} }, false)).toEqual({ names: ['routers.web'], repositories: null })
  expect(await openNames({ github: nowhere, named: NAMED, limits: { routers: { web: ['acme/*'] } } }, true)).toEqual({
    names: [],
    repositories: null,
  })
})
