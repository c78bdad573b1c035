import { expect, test } from 'vitest'
import { annotationsOf, MOST_ANNOTATIONS } from '../../../app/release/annotations.ts'
import type { EvidenceRow } from '../../../app/release/ports.ts'
import { parseConfig } from '../../../evidence/config/parse.ts'
import type { Config } from '../../../evidence/model/config.ts'
import type { Finding } from '../../../evidence/model/finding.ts'
import { hardening } from '../../../gates/hardening.ts'
import { configText, respondedRow } from '../../support/release.ts'

const TODAY = '2026-11-22'
const finding = (over: Partial<Finding> = {}): Finding => ({
  rule: 'image.user-root',
  severity: 'error',
  path: 'Dockerfile',
  line: 4,
  message: 'runs as root',
  next: 'Add a USER.',
  ...over,
})
const row = (findings: readonly Finding[], topic = 'images'): EvidenceRow => respondedRow(topic, findings)
const shown = (findings: readonly Finding[], config: Config | null = null) =>
  annotationsOf(hardening, [row(findings)], config, TODAY).map(({ annotation }) => annotation)

test('a finding stands on its line, with what to do', () => {
  expect(shown([finding()])).toEqual([
    { path: 'Dockerfile', line: 4, level: 'failure', title: 'image.user-root', message: 'runs as root\n\nNext: Add a USER.' },
  ])
  expect(shown([finding({ line: undefined, severity: 'info' })])).toMatchObject([{ line: 1, level: 'notice' }])
})

test('the worst come first, then by place; the same one comes once; what has no place, or is another gate’s, not at all', () => {
  const findings = [
    finding({ severity: 'warning', path: 'a' }),
    finding({ line: 9 }),
    finding({ line: 2 }),
    finding({ line: 2 }),
    finding({ path: 'Apple', line: 7 }),
    finding({ path: undefined, subject: 'an image' }),
  ]
  expect(shown(findings).map(({ path, line }) => `${path}:${line}`)).toEqual(['Apple:7', 'Dockerfile:2', 'Dockerfile:9', 'a:4'])
  expect(annotationsOf(hardening, [row([finding()], 'commits')], null, TODAY)).toEqual([])
})

test.each([
  ['2026-11-22', 0],
  ['2026-11-21', 1],
])('an exception until %s leaves %i of it', (until, count) => {
  const exception = `    exceptions: [{ rule: image.user-root, path: Dockerfile, owner: '@acme/platform', reason: vendor image, until: ${until} }]`
  const parsed = parseConfig(configText().replace(/gates: \{ .*\}/, `gates:\n  hardening:\n${exception}`))
  expect(parsed.ok).toBe(true)
  const config = parsed.ok ? parsed.config : null
  expect(shown([finding(), finding({ path: 'other/Dockerfile' })], config)).toHaveLength(count + 1)
})

test('there is an end of it (T14)', () => {
  expect(shown(Array.from({ length: 400 }, (_, at) => finding({ line: at + 1 })))).toHaveLength(MOST_ANNOTATIONS)
})
