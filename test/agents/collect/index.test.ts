import { expect, test } from 'vitest'
import { collect, COLLECTORS } from '../../../agents/collect/index.ts'
import { INPUTS } from '../../../agents/collect/inputs.ts'
import { contextOf, workspace } from './workspace.ts'

test('every kind has a collector', () => {
  expect(Object.keys(COLLECTORS).toSorted()).toEqual(Object.keys(INPUTS).toSorted())
})

test('what the world refuses is blocked with the way out', async () => {
  using repo = workspace()
  const context = contextOf({ workspace: repo.path })
  expect(await collect('commits', context)).toMatchObject({ blocked: { what: 'commits', next: expect.stringContaining('fetch-depth') } })
})

test('a collector that crashes, or gives another shape, is blocked', async () => {
  const crash = { ...COLLECTORS, dockerfiles: () => Promise.reject(new Error('boom')) }
  expect(await collect('dockerfiles', contextOf({}), crash)).toMatchObject({ blocked: { why: expect.stringContaining('boom') } })
  const odd = { ...COLLECTORS, dockerfiles: () => Promise.resolve({ value: { head: 'x', files: [] } }) }
  expect(await collect('dockerfiles', contextOf({}), odd)).toMatchObject({ blocked: { why: expect.stringContaining('head') } })
})
