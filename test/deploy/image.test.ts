/** Our own gate about our own image, and what the recipe promises. That what it builds runs: test/interop/own-image.test.ts. */
import { expect, test } from 'vitest'
import { infrasec } from '../../agents/platform/infrasec.ts'
import { hardening } from '../../gates/hardening.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from '../../gates/specimen.ts'
import { filesUnder, isPresent, text } from '../structure/tree.ts'
import { copies, PATH, RECIPE, stages, wordsOf } from './image-recipe.ts'

function verdictOn(recipe: string): string {
  const head = 'b'.repeat(40)
  const dockerfiles = { head, files: [{ path: PATH, text: recipe, why: null }] }
  const registryImages = { head, at: '2026-01-15T12:00:00.000Z', images: [] }
  const { findings, measurements } = infrasec.assess({ dockerfiles, registryImages }, {})
  const { metrics = {}, thresholds = {}, measured } = measurements[0] ?? {}
  const testimony = specimen({ gate: 'hardening', topic: 'images', phase: 'P0', metrics, thresholds, n: Number(measured?.n), findings })
  const evidence = new Map([['images', [testimony]]])
  return hardening.decide({
    evidence,
    verdicts: [],
    policy: { exceptions: [], images: [], templates: [] },
    budgets: SPECIMEN_BUDGETS,
    now: SPECIMEN_NOW,
  }).verdict
}

test('our own gate lets our image through, and would not without a digest or a user', () => {
  expect(verdictOn(RECIPE)).toBe('pass')
  expect(verdictOn(RECIPE.replaceAll(/@sha256:[0-9a-f]{64}/g, ''))).toBe('fail')
  expect(verdictOn(RECIPE.replace('USER 65532:65532', 'USER root'))).toBe('fail')
})

test('everything it copies is there, and its ignore file lets exactly that in', () => {
  const sources = stages().flatMap((stage) => copies(stage).flatMap(({ from, sources }) => (from === null ? sources : [])))
  expect(sources.filter((source) => !isPresent(source) && filesUnder(source).length === 0)).toEqual([])
  const let_in = [...text(`${PATH}.dockerignore`).matchAll(/^!(.+)$/gm)].map((match) => match[1] ?? '')
  expect(let_in.toSorted()).toEqual([...new Set(sources)].toSorted())
})

test('it runs as a number, in production, with nothing that needs a shell', () => {
  const [, final] = stages()
  const of = (keyword: string) => final.instructions.filter((each) => each.getKeyword() === keyword).map((each) => each.getArgumentsContent())
  expect([of('USER'), of('ENV'), of('RUN')]).toEqual([['65532:65532'], ['NODE_ENV=production'], []])
  for (const keyword of ['ENTRYPOINT', 'CMD', 'HEALTHCHECK']) expect(wordsOf(final, keyword).length).toBeGreaterThan(0)
  expect(wordsOf(final, 'HEALTHCHECK')[0]).toBe(wordsOf(final, 'ENTRYPOINT')[0])
})

test('pnpm is the one of the documents', () => {
  const versions = new Set([...RECIPE.matchAll(/pnpm@([\d.]+)/g)].map((match) => match[1]))
  expect([...versions].map((version) => text('README.md').includes(`npx -y pnpm@${version} `))).toEqual([true])
})
