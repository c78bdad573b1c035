import { expect, test } from 'vitest'
import { parseConfig } from '../../../evidence/config/parse.ts'
import { classOf, keepOf, retentionOf, RETENTION_CLASSES } from '../../../evidence/keep/policy.ts'
import { EvidenceConfig } from '../../../evidence/model/config/services.ts'

const DAY = 86_400_000
const SEALED = Date.parse('2026-11-22T12:00:00.000Z')

test('without a word a pack is kept for 400 days, whatever its class', () => {
  expect(retentionOf(EvidenceConfig.parse({}))).toEqual({ release: 400 * DAY, incident: 400 * DAY })
})

test('a class may have a time of its own', () => {
  const retention = retentionOf(EvidenceConfig.parse({ retention: '500d', classes: { incident: '1000d' } }))
  expect(retention).toEqual({ release: 500 * DAY, incident: 1000 * DAY })
  expect(keepOf('rolled_back', SEALED, retention)).toEqual({ class: 'incident', until: '2029-08-18T12:00:00.000Z' })
  expect(keepOf('promoted', SEALED, retention)).toEqual({ class: 'release', until: '2028-04-05T12:00:00.000Z' })
})

test('the class follows from the outcome, and there are two', () => {
  expect(RETENTION_CLASSES).toEqual(['release', 'incident'])
  expect([classOf('proven'), classOf('promoted'), classOf('rolled_back')]).toEqual(['release', 'release', 'incident'])
})

const config = (evidence: string) => parseConfig(`version: 1\nrelease: { base: [main] }\nevidence: ${evidence}\n`)

test.each([
  '{ retention: 364d }',
  '{ retention: 10m }',
  '{ classes: { incident: 8759h } }',
  '{ retention: 36501d }',
  '{ retention: 99999999999999999999d }',
])('%s is refused, and the error says what is right', (evidence) => {
  const parsed = config(evidence)
  expect(parsed.ok).toBe(false)
  expect(parsed.ok ? [] : parsed.errors).toMatchObject([
    { key: expect.stringMatching(/^evidence\.(?:retention|classes\.incident)$/), expected: expect.stringContaining('365d or more') },
  ])
})

test.each(['{ retention: 365d }', '{ retention: 8760h, classes: { release: 366d, incident: 36500d } }'])('%s is taken', (evidence) => {
  expect(config(evidence)).toMatchObject({ ok: true })
})

test('a class that does not exist is an error, not a wish', () => {
  expect(config('{ classes: { working: 400d } }')).toMatchObject({ ok: false })
})
