import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { objectivesIn } from '../../../app/judge/objectives.ts'
import { objectivesOf } from '../../../app/judge/slo-files.ts'

const slo = (name: string, spec: string): string => `apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: ${name} }\nspec: ${spec}\n`
const ratio = '{ spec: { ratioMetric: { good: { metricSource: { spec: { query: http_ok_total } } } } } }'

test('targets on failed requests are objectives; those on time are told apart; other kinds are none', () => {
  const text = [
    slo('availability', `{ indicator: ${ratio}, objectives: [{ target: 0.999 }, { targetPercent: 99 }] }`),
    slo('fast', '{ indicator: { spec: { thresholdMetric: { metricSource: {} } } }, objectives: [{ target: 0.99, op: lte }] }'),
    slo('quick', '{ indicator: { spec: { ratioMetric: { good: { query: "x_bucket{le=1}" } } } }, objectives: [{ target: 0.99 }] }'),
    'apiVersion: openslo/v1\nkind: Service\nmetadata: { name: shop }\n',
  ].join('---\n')
  expect(objectivesIn(text)).toEqual({
    objectives: [
      { name: 'availability', target: 0.999 },
      { name: 'availability', target: 0.99 },
    ],
    others: ['fast', 'quick'],
  })
})

test.each([
  ['a target of everything', slo('a', '{ objectives: [{ target: 1 }] }'), 'OpenSLO:4:32: spec.objectives[0].target'],
  ['no target', slo('a', '{ objectives: [{ displayName: x }] }'), 'either target, a share, or targetPercent'],
  ['no objective', slo('a', '{ objectives: [] }'), 'spec.objectives'],
  ['another version', slo('a', '{ objectives: [{ target: 0.9 }] }').replace('v1', 'v2alpha'), 'apiVersion'],
  ['no YAML', 'kind: [', ''],
])('%s is told', (_what, text, words) => {
  const found = objectivesIn(text)
  expect(typeof found === 'string' ? found : '').toContain(words)
  expect(typeof found).toBe('string')
})

test('files are found by path and pattern beside the policy, and one that is not there is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-conductor-slo-'))
  mkdirSync(join(folder, 'slo/deep'), { recursive: true })
  const write = (name: string, target: number): void =>
    writeFileSync(join(folder, 'slo', name), slo(name.replace('/', '.'), `{ objectives: [{ target: ${target} }] }`))
  write('a.yaml', 0.9)
  write('b.yaml', 0.99)
  write('c.txt', 0.5)
  write('deep/d.yaml', 0.7)
  const targets = async (...patterns: readonly string[]): Promise<number[]> => (await objectivesOf(folder, patterns)).map(({ target }) => target)
  expect(await targets('slo/*.yaml')).toEqual([0.9, 0.99])
  expect(await targets('slo/**/*.yaml')).toEqual([0.9, 0.99, 0.7])
  expect(await targets('slo/b.yaml', 'slo/c.txt')).toEqual([0.99, 0.5])
  await expect(targets('slo/none.yaml')).rejects.toMatchObject({ code: 'objectives', message: 'no file is slo/none.yaml' })
  write('e.yaml', 7)
  await expect(targets('slo/e.yaml')).rejects.toMatchObject({ code: 'objectives' })
})
