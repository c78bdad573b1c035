import { expect, test } from 'vitest'
import { LABELS, labelFindings, sectionFindings, SECTIONS } from '../../../agents/developer-experience/lint-marshal.template.ts'

const FULL = SECTIONS.map((title) => `## ${title}\n\nIn words.\n`).join('\n')
const rules = (body: string) => sectionFindings(body).map((finding) => finding.rule)

test('seven sections, each by its own rule', () => {
  expect(sectionFindings(FULL)).toEqual([])
  expect(rules('')).toHaveLength(7)
  for (const title of SECTIONS)
    expect(rules(FULL.replace(`## ${title}\n`, '## Other\n'))).toEqual([`template.${title.toLowerCase().replaceAll(' ', '-')}`])
})

test.each(['', '<!-- what happens -->', 'TBD', '- TODO', 'n/a', '...', '_describe it_', '<describe it>', '- [ ]', '---', '<!-- a\n--> \n1. tbd.'])(
  'a section saying %j says nothing',
  (text) => {
    expect(rules(FULL.replace('## Rollback\n\nIn words.', `## Rollback\n\n${text}`))).toEqual(['template.rollback'])
  },
)

test.each(['none', '- Weight 0, then v1.', '```\nrevert\n```', 'TBD\nby the team', '- [x] tested'])('a section saying %j says something', (text) => {
  expect(rules(FULL.replace('## Rollback\n\nIn words.', `## Rollback\n\n${text}`))).toEqual([])
})

test('headings count in any depth and case, but not inside a comment or code', () => {
  expect(rules(FULL.replace('## Rollback', '#### ROLLBACK:').replaceAll('\n', '\r\n'))).toEqual([])
  expect(rules(FULL.replace('## Rollback\n\nIn words.\n', '<!--\n## Rollback\nIn words.\n-->\n'))).toEqual(['template.rollback'])
  expect(rules(FULL.replace('## Rollback\n\nIn words.\n', '```\n## Rollback\nIn words.\n```\n'))).toEqual(['template.rollback'])
  expect(rules(`${FULL.replace('## Rollback\n\nIn words.\n', '')}\n<!-- ## Rollback\nIn words`)).toEqual(['template.rollback'])
})

test('a hostile body is read in time', () => {
  const started = performance.now()
  rules(`# ${' '.repeat(100_000)}x\n${'<!--'.repeat(20_000)}`)
  rules('#'.repeat(200_000))
  expect(performance.now() - started).toBeLessThan(2000)
})

test('the canon is known, others are not, and one of a kind is enough', () => {
  expect(labelFindings(['type:feat', 'risk:low', 'migration', 'hotfix'], [])).toEqual([])
  expect(labelFindings(['type:feat', 'risk:low', 'Perf'], []).map((finding) => finding.rule)).toEqual(['label.unknown'])
  expect(labelFindings(['type:feat', 'type:fix', 'risk:low'], []).map((finding) => finding.rule)).toEqual(['label.conflict'])
  expect(labelFindings([], [])).toMatchObject([
    { rule: 'label.missing', severity: 'warning' },
    { rule: 'label.missing', severity: 'warning' },
  ])
  expect(new Set(LABELS).size).toBe(15)
})
