import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readFolder } from '../../../actions/lib/folder.ts'
import { checkHandover } from '../../../actions/lib/handover.ts'
import { run, type ReportInputs } from '../../../actions/report/main.ts'

const DIGEST = `sha256:${'b'.repeat(64)}`

async function inputs(overrides: Partial<ReportInputs> = {}): Promise<ReportInputs> {
  const out = join(await mkdtemp(join(tmpdir(), 'report-')), 'out')
  return {
    version: 'v2.0.0',
    environment: 'prod',
    sha: '1'.repeat(40),
    step: '10',
    plan: 'c'.repeat(32),
    digests: JSON.stringify({ shop: DIGEST }),
    event: 'deployed',
    out,
    now: Date.UTC(2026, 10, 22),
    ...overrides,
  }
}

test('writes one deployment, ready to be signed', async () => {
  const given = await inputs()
  await run(given)
  expect(checkHandover(await readFolder(given.out)).handover).toMatchObject({
    responses: [],
    self_tests: [],
    deployments: [
      { event: 'deployed', environment: 'prod', step: 10, sha: '1'.repeat(40), digests: { shop: DIGEST }, made_at: '2026-11-22T00:00:00.000Z' },
    ],
  })
})

test('tells the live schema, when the job told it', async () => {
  const given = await inputs({ schema: '{"live": 41, "becomes": 42}' })
  expect((await run(given)).deployments).toMatchObject([{ schema: { live: 41, becomes: 42 } }])
  expect((await run(await inputs({ schema: null }))).deployments[0]).not.toHaveProperty('schema')
})

describe('refused:', () => {
  test.each([
    ['a version without v', { version: '2.0.0' }],
    ['a step that is no number', { step: '10%' }],
    ['a step above 100', { step: '101' }],
    ['an unknown event', { event: 'exploded' }],
    ['a commit that is none', { sha: 'main' }],
    ['digests that are no JSON', { digests: 'sha256:x' }],
    ['digests of no thing', { digests: '{}' }],
    ['a tag instead of a digest', { digests: '{"shop":"latest"}' }],
    ['a schema that is no number', { schema: '{"live": "42"}' }],
    ['a schema that is no JSON', { schema: '42,' }],
    ['a prototype among digests', { digests: `{"__proto__":"${DIGEST}"}` }],
  ])('%s', async (_, overrides) => {
    await expect(run(await inputs(overrides))).rejects.toMatchObject({ code: 'bad-input' })
  })
})
