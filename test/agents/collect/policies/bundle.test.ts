import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { judgeByBundle } from '../../../../agents/collect/policies/bundle.ts'
import { wasmPolicy } from '../../../../agents/collect/policies/wasm.ts'
import { contentsOf } from '../../../../gates/policy/bundle.ts'
import { SHOP_BUNDLE } from '../../../policy.ts'

/** Of the sample adopter. */
const CONTENTS = contentsOf(readFileSync(SHOP_BUNDLE))
const file = { name: 'a.yaml', dir: '.' }
const deployment = (image: string) => ({
  kind: 'Deployment',
  metadata: { name: 'shop', labels: { app: 'shop' } },
  spec: { template: { spec: { containers: [{ name: 'web', image }] } } },
})
const asked = (values: readonly unknown[], name = 'main') => new Map([[name, values.map((value, place) => ({ place, value, file, bytes: 1 }))]])

test('the rules of a package, and its tests, are asked in process', () => {
  const { answers, faults, rules, tests } = judgeByBundle(
    CONTENTS,
    'policy.tar.gz',
    asked([deployment('shop:1'), deployment('shop@sha256:00'), null, [1], 'x']),
  )
  expect(faults).toEqual([])
  expect(rules.map(({ rule }) => rule)).toEqual(['deny', 'warn'])
  expect(answers.map(({ problem, results }) => problem ?? results.map(({ message }) => message))).toEqual([
    ['shop: container web runs shop:1, which is no digest'],
    [],
    [],
    [],
    [],
  ])
  expect(tests.map(({ name, outcome, package: of }) => `${of} ${name} ${outcome}`)).toEqual([
    'ci test_called_workflow_is_let_through pass',
    'ci test_job_without_end_is_denied pass',
    'main test_healthy_is_let_through pass',
    'main test_no_label_is_denied pass',
    'main test_open_service_is_told pass',
    'main test_tag_is_denied pass',
  ])
})

test('words that only OPA can make are a problem of that document, and of no other', () => {
  const { answers } = judgeByBundle(
    CONTENTS,
    'policy.tar.gz',
    asked([deployment('a:1'), { ...deployment('b:1'), metadata: { name: 7, labels: { app: 'x' } } }]),
  )
  expect(answers.map(({ problem }) => problem)).toEqual([null, expect.stringContaining('sprintf with %s of number needs opa')])
})

test('a package that the bundle does not hold has no rule', () => {
  expect(judgeByBundle(CONTENTS, 'policy.tar.gz', asked([1], 'nobody'))).toMatchObject({ rules: [], answers: [] })
})

test('what is no WebAssembly is a fault of the bundle', () => {
  const broken = judgeByBundle({ ...CONTENTS, wasm: Buffer.from('\0asm') }, 'policy.tar.gz', asked([1]))
  expect(broken).toMatchObject({
    faults: [{ path: 'policy.tar.gz', message: expect.stringContaining('cannot be loaded') }],
    rules: [],
    answers: [{ document: 0 }],
  })
})

test('an evaluation that takes too long is stopped', () => {
  const long = wasmPolicy(CONTENTS.wasm, 1)
  const containers = Array.from({ length: 20_000 }, (_, at) => ({ name: `c${at}`, image: `shop:${at}` }))
  const large = { ...deployment(''), spec: { template: { spec: { containers } } } }
  expect(() => long.ask('main', large, {})).toThrow('it did not end in time')
  expect(() => long.ask('nobody', {}, {})).toThrow('no entrypoint')
})
