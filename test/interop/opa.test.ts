import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decisionUrl, policyServer } from '../../app/outgoing/opa.ts'
import packed from '../../gates/policy/bundle.json' with { type: 'json' }
import { DECISION_PATH, decide } from '../../gates/policy/decide.ts'
import { contentsOf } from '../../gates/policy/bundle.ts'
import { COMMAND_NAMES, type CommandInput } from '../../gates/policy/input.ts'
import { loadPolicy } from '../../gates/policy/load.ts'
import { builtPolicy } from '../policy.ts'
import { ACTORS, anyQuestion, questionOf, STATES, VOICE, type ActorKind, type StateKind } from '../support/commands.ts'
import { tool } from '../support/tools.ts'

const FOUND = tool('opa')
const OPA = FOUND ?? ''
const REGO = join(import.meta.dirname, '../../gates/policy/rego')
const OPERATOR = join(import.meta.dirname, '../../docs/operator.md')
const QUERY = `data.${DECISION_PATH.replaceAll('/', '.')}`
const LEAST_COVERAGE = 95

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-conductor-opa-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** What `opa eval` decides of each question. */
function evaluated(questions: readonly unknown[]): unknown[] {
  const query = `[decision | some question in input.questions; decision := ${QUERY} with input as question]`
  const args = ['eval', '--format=raw', '--stdin-input', '--data', REGO, query]
  const out = execFileSync(OPA, args, { input: JSON.stringify({ questions }), maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' })
  return JSON.parse(out) as unknown[]
}

/** A bundle of other Rego. */
function bundleOf(rego: string): Uint8Array {
  const file = join(folder, 'other.rego')
  writeFileSync(file, rego)
  const out = join(folder, 'other.tar.gz')
  execFileSync(OPA, ['build', '--target=wasm', '--entrypoint=other/decision', '--revision=other', `--output=${out}`, file])
  return execFileSync('cat', [out])
}

describe.skipIf(FOUND === null)('Open Policy Agent (skipped where it is absent)', () => {
  test('builds the policy of commands to the very bytes that are kept', () => {
    expect(builtPolicy(OPA)).toEqual(packed)
  })

  test('has the Rego checked, formatted, tested and covered', () => {
    execFileSync(OPA, ['check', '--strict', REGO])
    expect(execFileSync(OPA, ['fmt', '--list', REGO], { encoding: 'utf8' })).toBe('')
    execFileSync(OPA, ['test', REGO])
    const { coverage } = JSON.parse(execFileSync(OPA, ['test', '--coverage', REGO], { encoding: 'utf8' })) as { coverage: number }
    expect(coverage).toBeGreaterThanOrEqual(LEAST_COVERAGE)
  })

  test('decides every row of the table as the WebAssembly in process does', async () => {
    const table = COMMAND_NAMES.flatMap((name) =>
      (Object.keys(ACTORS) as ActorKind[]).flatMap((kind) =>
        (Object.keys(STATES) as StateKind[]).map((state): CommandInput => ({ ...questionOf(name, kind, state), voices: [VOICE] })),
      ),
    )
    expect(evaluated(table)).toEqual(await Promise.all(table.map(decide)))
    expect(table.length).toBe(COMMAND_NAMES.length * 13 * 6)
  })

  test('decides random questions as the WebAssembly in process does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyQuestion, { minLength: 200, maxLength: 200 }), async (questions) => {
        expect(evaluated(questions)).toEqual(await Promise.all(questions.map(decide)))
      }),
      { numRuns: 5, endOnFailure: true },
    )
  })

  test('may compile what WebAssembly does not hold: such a policy is refused when it is loaded, by name', async () => {
    const { wasm, entrypoint } = contentsOf(
      bundleOf('package other\n\ndecision := [http.send({"method": "GET", "url": "http://127.0.0.1:9"}), time.now_ns(), sprintf("%d", [1])]\n'),
    )
    await expect(loadPolicy(wasm, entrypoint)).rejects.toThrow(
      expect.objectContaining({ code: 'builtins', message: expect.stringContaining('http.send, sprintf, time.now_ns') }),
    )
  })

  test('may compile what fails while it is evaluated: that is an error, and no answer', async () => {
    const { wasm, entrypoint } = contentsOf(bundleOf('package other\n\ndecision := 1 if input.x\n\ndecision := 2 if input.y\n'))
    const ask = await loadPolicy(wasm, entrypoint)
    expect([ask({ x: true }), ask({})]).toEqual([1, undefined])
    expect(() => ask({ x: true, y: true })).toThrow(expect.objectContaining({ code: 'evaluation' }))
  })
})

describe.skipIf(FOUND === null)('Open Policy Agent as a server (skipped where it is absent)', () => {
  let server: ChildProcess
  let url: string
  beforeAll(async () => {
    const port = await freePort()
    writeFileSync(join(folder, 'acme.rego'), /(?<=^```rego test\n)[^]*?(?=^```$)/m.exec(readFileSync(OPERATOR, 'utf8'))?.[0] ?? '')
    const address = `127.0.0.1:${port}`
    server = spawn(
      OPA,
      ['run', '--server', `--addr=${address}`, '--set=decision_logs.console=true', join(REGO, 'commands.rego'), join(folder, 'acme.rego')],
      {
        stdio: 'ignore',
      },
    )
    url = `http://${address}`
    await up(`${url}/health`)
  })
  afterAll(() => {
    server.kill()
  })

  test('with our Rego agrees with us', async () => {
    const ask = policyServer({ url: decisionUrl(url), token: null })
    expect(await ask.ask(questionOf('promote', 'approver', 'healthy'))).toMatchObject({
      allow: true,
      need: 1,
      decisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(await ask.ask(questionOf('promote', 'a bot', 'healthy'))).toMatchObject({ allow: false, reasons: ['command.not-a-person'] })
  })

  test('with the policy of the operator’s page says what that says', async () => {
    const ask = policyServer({ url: `${url}/v1/data/acme/releases/decision`, token: null })
    const all = questionOf('promote', 'approver', 'healthy')
    expect(await ask.ask(all)).toMatchObject({ allow: true, need: 0 })
    expect(await ask.ask({ ...all, command: { ...all.command, step: 100 } })).toMatchObject({ allow: true, need: 2 })
  })

  test('without such a decision gives none', async () => {
    const ask = policyServer({ url: `${url}/v1/data/nobody/decision`, token: null })
    expect(await ask.ask(questionOf('promote', 'approver', 'healthy'))).toMatchObject({ allow: null })
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}

async function up(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok === true) return
    await sleep(50)
  }
  throw new Error(`${url} did not come up`)
}
