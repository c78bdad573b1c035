import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRelease, type Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage
let release: Release
let line: string

beforeAll(async () => {
  stage = await setStage()
  release = await openRelease(stage)
  line = await release.merged()
  stage.github.assertClean()
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

test('a key renamed in one answer of the double promotes nothing and turns the suite red; renamed back, the same line counts', async () => {
  const { github } = stage
  const operation = 'GET /repos/{owner}/{repo}/pulls/{pull_number}'
  github.renameInAnswers(operation, 'title', 'titel')
  const refused = (): number => github.violations.filter((one) => one.where === `${operation} 200`).length
  await release.until('a look that began before has ended', () => refused() > 1)
  const before = refused()
  await release.approve(line)
  await release.until('the App has asked again', () => refused() > before + 1)
  expect(release.ramp).toEqual([0])
  expect(release.repository.deployments).toEqual([])
  expect(release.state).toMatch(/^merged/)
  expect(() => github.assertClean()).toThrow(/titel/)

  github.renameNothing()
  await release.until('10 %', () => release.weight === 10)
  expect(await release.ended()).toBe('promoted')
  expect(release.faults('promoted')).toEqual([])
})
