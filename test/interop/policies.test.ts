/** Policies of an adopter by the real `opa` and by their WebAssembly in process: the same verdicts, the same limits, and the same policy for admission. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { judgeByBundle } from '../../agents/collect/policies/bundle.ts'
import { judgeByOpa } from '../../agents/collect/policies/opa.ts'
import { contentsOf } from '../../gates/policy/bundle.ts'
import { builtShopPolicy, SHOP_BUNDLE } from '../policy.ts'
import { freePort } from '../demo/stage.ts'
import { tool } from '../support/tools.ts'

const FOUND = tool('opa')
const OPA = { program: FOUND ?? '', version: '1' }
const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/policies.md'), 'utf8')
const file = { name: 'a.yaml', dir: 'k8s' }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-conductor-policies-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

type Files = Readonly<Record<string, string>>

function asked(values: readonly unknown[], name = 'main') {
  return new Map([[name, values.map((value, place) => ({ place, value, file, bytes: JSON.stringify(value).length }))]])
}

function byOpa(files: Files, values: readonly unknown[], timeoutMs?: number) {
  const sources = Object.entries(files).map(([within, text]) => ({ path: `policy/${within}`, within, bytes: Buffer.from(text) }))
  return judgeByOpa(OPA, sources, asked(values), timeoutMs)
}

/** @param target without: the Rego itself, as an opa without an engine for WebAssembly takes it */
function built(files: Files, target: readonly string[] = ['--target=wasm', '--entrypoint=main']): string {
  const at = mkdtempSync(join(folder, 'built-'))
  mkdirSync(join(at, 'policy'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, 'policy', name), text)
  const args = ['build', ...target, '--revision=1', '--output=policy.tar.gz', '--bundle', 'policy']
  execFileSync(OPA.program, args, { cwd: at })
  return join(at, 'policy.tar.gz')
}

function byWasm(files: Files, values: readonly unknown[]) {
  return judgeByBundle(contentsOf(readFileSync(built(files))), 'policy.tar.gz', asked(values))
}

/** The blocks of docs/policies.md, by their names. */
function documented(): Files {
  return Object.fromEntries([...DOCUMENT.matchAll(/^```rego test (\S+)\n([^]*?)^```$/gm)].map(([, name = '', text = '']) => [name, text]))
}

const RULES: Files = {
  'main.rego': `package main

import data.words

deny contains msg if {
	input.kind == "Deployment"
	not input.spec.template.spec.securityContext.runAsNonRoot
	msg := sprintf("%s %s (%d replicas, %v)", [input.metadata.name, words.root, input.spec.replicas, true])
}

deny_latest contains {"msg": msg, "severity": "high"} if {
	some container in input.spec.template.spec.containers
	endswith(container.image, ":latest")
	msg := concat(" ", [container.image, "is latest"])
}

violation := true if input.kind == "Forbidden"

warn := ["one replica only"] if input.spec.replicas == 1

warn_odd contains input.odd if input.odd

exception contains ["latest"] if input.metadata.annotations.excepted

deny_place contains data.conftest.file.name if input.kind == "Here"
`,
  'main_test.rego': `package main

test_root if count(deny) == 1 with input as {"kind": "Deployment", "metadata": {"name": "x"}, "spec": {"replicas": 1}}

test_wrong if count(deny) == 7 with input as {"kind": "Deployment"}
`,
  'data.json': '{"words": {"root": "runs as root"}}',
}
const container = { image: 'shop:latest' }
const DOCUMENTS = [
  { kind: 'Deployment', metadata: { name: 'a' }, spec: { replicas: 2, template: { spec: { containers: [container] } } } },
  {
    kind: 'Deployment',
    metadata: { name: 'b', annotations: { excepted: true } },
    spec: { replicas: 1, template: { spec: { containers: [container] } } },
  },
  { kind: 'Deployment', metadata: { name: 'c' }, spec: { replicas: 3, template: { spec: { securityContext: { runAsNonRoot: true } } } } },
  { kind: 'Forbidden' },
  { kind: 'Here' },
  { odd: { neither: 'text nor msg' } },
  { odd: 'text' },
  {},
  [1, 2],
  'text',
  0,
  false,
  null,
]

describe.skipIf(FOUND === null)('opa and WebAssembly (skipped where opa is absent)', () => {
  test('give the same verdicts and run the same tests', async () => {
    const [opa, wasm] = [await byOpa(RULES, DOCUMENTS), byWasm(RULES, DOCUMENTS)]
    expect(wasm.answers).toEqual(opa.answers)
    expect(wasm.rules).toEqual(opa.rules)
    const byName = (tests: typeof opa.tests) => tests.map(({ name, outcome }) => `${name} ${outcome}`).toSorted()
    expect(byName(wasm.tests)).toEqual(byName(opa.tests))
    expect(byName(opa.tests)).toEqual(['test_root pass', 'test_wrong fail'])
    expect(opa.answers.map(({ excepted, results }) => [...results.map(({ rule, message }) => `${rule}: ${message}`), ...excepted])).toEqual([
      ['deny: a runs as root (2 replicas, true)', 'deny_latest: shop:latest is latest'],
      ['deny: b runs as root (1 replicas, true)', 'warn: one replica only', 'deny_latest'],
      [],
      ['violation: violation holds'],
      ['deny_place: a.yaml'],
      ['warn_odd: no message, but {"neither":"text nor msg"}'],
      ['warn_odd: text'],
      ...Array.from({ length: 6 }, () => []),
    ])
  })

  test('many documents are asked in several calls, each about its own', async () => {
    const many = Array.from({ length: 450 }, (_, at) => ({ kind: 'Deployment', metadata: { name: `d${at}` }, spec: { replicas: at } }))
    const { answers } = await byOpa(RULES, many)
    expect(answers.filter(({ results }) => results.some(({ rule }) => rule === 'deny')).map(({ results }) => results[0]?.message)).toEqual(
      many.map((_, at) => `d${at} runs as root (${at} replicas, true)`),
    )
  })

  test('the bundle of the sample adopter is what its Rego builds, and its Rego is formatted', () => {
    expect(builtShopPolicy(OPA.program).equals(readFileSync(SHOP_BUNDLE))).toBe(true)
    const policy = join(SHOP_BUNDLE, '../policy')
    execFileSync(OPA.program, ['check', '--strict', policy])
    expect(execFileSync(OPA.program, ['fmt', '--list', policy], { encoding: 'utf8' })).toBe('')
  })
})

const SLOW: Files = {
  'main.rego': `package main

deny contains "never" if {
	input.slow
	some a in numbers.range(1, 3000)
	some b in numbers.range(1, 3000)
	some c in numbers.range(1, 3000)
	a + b + c == -1
}

deny contains "quick" if input.quick
`,
}

describe.skipIf(FOUND === null)('what goes wrong is told of the document it goes wrong for (skipped where opa is absent)', () => {
  const quick = { document: 0, package: 'main', results: [{ rule: 'deny', message: 'quick' }], more: 0, excepted: [], problem: null }

  test('a rule that takes too long ends, by opa and in process', async () => {
    const [opa, wasm] = [await byOpa(SLOW, [{ quick: true }, { slow: true }]), byWasm(SLOW, [{ quick: true }, { slow: true }])]
    expect(opa.answers).toMatchObject([quick, { document: 1, problem: expect.stringMatching(/eval_cancel_error|did not end/) }])
    expect(wasm.answers).toMatchObject([quick, { document: 1, problem: expect.stringMatching(/in time|opa_malloc/) }])
    expect((await byOpa(SLOW, [{ slow: true }], 3000)).answers).toMatchObject([{ problem: expect.stringMatching(/did not end|used up/) }])
  })

  test('answers without end', async () => {
    const huge: Files = {
      'main.rego': 'package main\n\ndeny contains msg if {\n\tsome a in numbers.range(1, 40000000)\n\tmsg := sprintf("%d", [a])\n}\n',
    }
    expect((await byOpa(huge, [{}])).answers).toMatchObject([{ problem: expect.any(String) }])
    expect(byWasm(huge, [{}]).answers).toMatchObject([{ problem: expect.any(String) }])
  })

  test('two answers of one rule, and an error of a builtin', async () => {
    const twice: Files = { 'main.rego': 'package main\n\ndeny := ["a"] if input.a\n\ndeny := ["b"] if input.b\n' }
    const both = [{ a: 1 }, { a: 1, b: 1 }]
    const broken = [{ results: [{ message: 'a' }] }, { results: [], problem: expect.stringContaining('conflict') }]
    expect((await byOpa(twice, both)).answers).toMatchObject(broken)
    expect(byWasm(twice, both).answers).toMatchObject([broken[0], { results: [], problem: expect.any(String) }])
    const number: Files = { 'main.rego': 'package main\n\ndeny contains "low" if to_number(input.limit) < 5\n' }
    expect((await byOpa(number, [{ limit: 'none' }, { limit: '1' }])).answers).toMatchObject([
      { results: [], problem: expect.stringContaining('to_number') },
      { results: [{ message: 'low' }] },
    ])
  })

  test('functions that reach out, know the environment, or answer by chance do not compile', async () => {
    for (const call of [
      'http.send({"method": "GET", "url": "http://127.0.0.1:9"})',
      'opa.runtime()',
      'net.lookup_ip_addr("localhost")',
      'rand.intn("a", 9)',
      'uuid.rfc4122("a")',
    ]) {
      const { answers, faults } = await byOpa({ 'main.rego': `package main\n\ndeny contains "x" if ${call}\n` }, [{}])
      expect(faults).toMatchObject([{ path: 'policy/main.rego', line: 3, message: expect.stringContaining('undefined function') }])
      expect(answers).toMatchObject([{ problem: 'the policy cannot be asked at all' }])
    }
  })

  test('Rego that does not compile is told with file and line', async () => {
    const unsafe = await byOpa({ 'main.rego': 'package main\n\ndeny contains msg if msg := x\n' }, [{}])
    expect(unsafe.faults).toMatchObject([{ path: 'policy/main.rego', line: 3, message: expect.stringContaining('unsafe') }])
    const garbage = await byOpa({ 'main.rego': '\0\u0001', 'z.rego': 'package z\n' }, [{}])
    expect(garbage.faults.length).toBeGreaterThan(0)
    const old = await byOpa({ 'main.rego': 'package main\n\ndeny[msg] { msg := "x" }\n' }, [{}])
    expect(old.faults[0]?.message).toContain('`if` keyword is required')
  })
})

describe.skipIf(FOUND === null)('docs/policies.md (skipped where opa is absent)', () => {
  test('its policy compiles, passes its tests, and denies what it says, in both', async () => {
    const files = documented()
    expect(Object.keys(files)).toEqual(['main.rego', 'main_test.rego', 'admission.rego'])
    const tagged = { kind: 'Deployment', metadata: { name: 'shop' }, spec: { template: { spec: { containers: [{ image: 'shop:1' }] } } } }
    for (const { answers, faults, tests } of [await byOpa(files, [tagged]), byWasm(files, [tagged])]) {
      expect([faults, tests.map(({ outcome }) => outcome)]).toEqual([[], ['pass', 'pass']])
      expect(answers).toMatchObject([{ results: [{ rule: 'deny', message: 'shop runs shop:1, which is no digest' }] }])
    }
  })

  test('the same Rego answers the API server', async () => {
    const port = await freePort()
    const server = spawn(OPA.program, ['run', '--server', `--addr=127.0.0.1:${port}`, '--bundle', built(documented(), [])], { stdio: 'ignore' })
    onTestFinished(() => void server.kill())
    const admitted = async (image: string) => {
      const object = { kind: 'Deployment', metadata: { name: 'shop' }, spec: { template: { spec: { containers: [{ image }] } } } }
      const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'u1', object } }
      const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify(review) })
      return ((await answer.json()) as { readonly response: unknown }).response
    }
    for (let tries = 0; tries < 100 && (await fetch(`http://127.0.0.1:${port}/health`).catch(() => null))?.ok !== true; tries++) await sleep(50)
    expect(await admitted('shop@sha256:00')).toEqual({ uid: 'u1', allowed: true, status: { message: '' } })
    expect(await admitted('shop:1')).toEqual({ uid: 'u1', allowed: false, status: { message: 'shop runs shop:1, which is no digest' } })
  })
})
