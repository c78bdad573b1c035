import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { canonicalize } from '../../evidence/core/canonical.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import { ActionPlan } from '../../evidence/model/action-plan.ts'
import { Handover } from '../../evidence/model/handover.ts'
import { COLLECTORS } from '../../agents/collect/index.ts'
import { AGENTS } from '../../agents/index.ts'
import { sloLibrarian } from '../../agents/observability/slo-librarian.ts'
import { conduct } from '../../agents/run.ts'
import type { ConductInput } from '../../agents/run.ts'
import { SECTIONS } from '../../agents/developer-experience/lint-marshal.template.ts'
import { api, contextOf, json, release } from './collect/workspace.ts'
import { protectedAnswer, SUPPLIED, SUPPLIED_CONFIG } from './supplies.ts'

const P0 = AGENTS.filter((agent) => agent.phase.includes('P0'))
const out = mkdtempSync(join(tmpdir(), 'handover-'))
afterAll(() => rmSync(out, { recursive: true, force: true }))

const DOCKERFILE = `FROM node@sha256:${'a'.repeat(64)}\nUSER 1000\n`

function shop(sha: string) {
  return api((path) =>
    path.includes('/codeowners/')
      ? json({ errors: [] })
      : json(
          protectedAnswer(path) ?? {
            number: 7,
            title: 'Release v2.0.0',
            body: SECTIONS.map((title) => `## ${title}\nIn words.\n`).join('\n'),
            labels: [{ name: 'type:feat' }, { name: 'risk:low' }],
            head: { ref: 'release/v2.0.0', sha },
            base: { ref: 'main', sha: 'a'.repeat(40) },
          },
        ),
  )
}

function input(given: Partial<ConductInput> & Pick<ConductInput, 'context'>): ConductInput {
  return { phase: 'P0', policy: {}, out: null, traceId: '5'.repeat(32), now: 1_768_478_400_000, ...given }
}

test('a whole phase on a real repository: answers, files that are what they say, receipts', async () => {
  using repo = release({ Dockerfile: DOCKERFILE }, undefined, { '.github/release-conductor.yml': SUPPLIED_CONFIG, ...SUPPLIED })
  await using server = await shop(repo.head)
  const context = contextOf({ workspace: repo.path, sha: repo.head, apiUrl: server.url })
  const target = join(out, 'whole')
  const handover = await conduct(input({ context, out: target }))
  expect(handover.responses.map(({ topic, response }) => [topic, response.result, response.verdicts.map((verdict) => verdict.verdict)])).toEqual([
    ['commits', 'ok', ['pass']],
    ['workflows', 'ok', ['pass']],
    ['policies', 'ok', ['indeterminate']],
    ['manifests', 'ok', ['pass']],
    ['images', 'ok', ['pass']],
    ['templates', 'ok', ['pass']],
    ['supply-chain', 'ok', ['pass']],
    ['registry', 'ok', ['indeterminate']],
    ['decisions', 'ok', []],
  ])
  expect(handover.self_tests.map((receipt) => receipt.gate)).toEqual(['policy_ci', 'hardening', 'supply_chain', 'all_required_gates'])
  expect(readFileSync(join(target, 'handover.json'), 'utf8')).toBe(canonicalize(Handover.parse(handover)))
  for (const file of handover.files) {
    const bytes = readFileSync(join(target, file.path))
    expect([sha256(bytes), bytes.byteLength]).toEqual([file.sha256, file.size])
  }
  expect(handover.files.map((file) => file.path).filter((path) => !path.startsWith('inputs/'))).toEqual([
    'ci/branch_protection.json',
    'ci/commit_lint.json',
    'ci/workflow_lint.json',
    'docs/adr_requests.json',
    'hardening/images.json',
    'hardening/manifests.json',
    'policy/bundle.json',
    'policy/results.json',
    'registry/inventory.json',
    'sbom/shop.cdx.json',
    'sbom/shop.spdx.json',
    'supply_chain/vuln_diff.json',
    'templates/drift.json',
  ])
  expect(handover.files.filter((file) => file.path.startsWith('inputs/'))).toHaveLength(new Set(P0.flatMap((agent) => agent.needs)).size)
  expect(await conduct(input({ context, out: join(out, 'again') }))).toEqual(handover)
})

test('VERIFY answers the same and writes nothing', async () => {
  using repo = release({ Dockerfile: DOCKERFILE }, undefined, { '.github/release-conductor.yml': SUPPLIED_CONFIG, ...SUPPLIED })
  await using server = await shop(repo.head)
  const context = contextOf({ workspace: repo.path, sha: repo.head, apiUrl: server.url })
  const target = join(out, 'verify')
  const verified = await conduct(input({ context, op: 'VERIFY', out: target }))
  expect(existsSync(target)).toBe(false)
  expect(verified).toEqual(await conduct(input({ context, out: target, simulate: true })))
  expect(readdirSync(target)).toContain('handover.json')
})

test('each input is collected once, and one agent’s trouble is not another’s', async () => {
  using repo = release({ Dockerfile: DOCKERFILE }, undefined, { '.github/release-conductor.yml': SUPPLIED_CONFIG, ...SUPPLIED })
  const times: Record<string, number> = {}
  const counted = Object.fromEntries(
    Object.entries(COLLECTORS).map(([kind, collector]) => [
      kind,
      (context: Parameters<typeof collector>[0]) => ((times[kind] = (times[kind] ?? 0) + 1), collector(context)),
    ]),
  ) as typeof COLLECTORS
  const crash = AGENTS.map((agent) => ({
    ...agent,
    name: `${agent.name}-twin`,
    id: `${agent.id}T`,
    assess: () => {
      throw new Error('boom')
    },
  }))
  const handover = await conduct(
    input({
      context: contextOf({ workspace: repo.path, sha: repo.head, token: null }),
      op: 'VERIFY',
      collectors: counted,
      list: [...AGENTS, ...crash],
    }),
  )
  expect(times).toEqual(Object.fromEntries(P0.flatMap((agent) => agent.needs).map((kind) => [kind, 1])))
  expect(handover.responses.map(({ agent, response }) => [agent.name, response.result])).toEqual([
    ['lint-marshal', 'blocked'],
    ['cicd-engineer', 'ok'],
    ['policy-gatekeeper', 'ok'],
    ['platform-devops', 'ok'],
    ['infrasec', 'ok'],
    ['template-keeper', 'ok'],
    ['supply-chain-lead', 'ok'],
    ['artifactory-steward', 'ok'],
    ['adr-arbiter', 'blocked'],
    ['lint-marshal-twin', 'blocked'],
    ['cicd-engineer-twin', 'fail'],
    ['policy-gatekeeper-twin', 'fail'],
    ['platform-devops-twin', 'fail'],
    ['infrasec-twin', 'fail'],
    ['template-keeper-twin', 'fail'],
    ['supply-chain-lead-twin', 'fail'],
    ['artifactory-steward-twin', 'fail'],
    ['adr-arbiter-twin', 'blocked'],
  ])
  expect(handover.responses[0]?.response.next).toContain('token')
})

test('a part of a phase gets receipts only for the gates it feeds whole', async () => {
  using repo = release({ Dockerfile: DOCKERFILE }, undefined, { '.github/release-conductor.yml': SUPPLIED_CONFIG, ...SUPPLIED })
  const context = contextOf({ workspace: repo.path, sha: repo.head })
  const handover = await conduct(input({ context, op: 'VERIFY', agents: ['A6', 'A8', 'A51'] }))
  expect(handover.responses.map((response) => response.agent.name)).toEqual(['platform-devops', 'infrasec', 'template-keeper'])
  expect(handover.self_tests.map((receipt) => receipt.gate)).toEqual(['hardening', 'all_required_gates'])
})

describe('what an agent would change', () => {
  const [healthy] = sloLibrarian.planted
  const given = healthy?.inputs
  const collectors = {
    ...COLLECTORS,
    objectives: async () => ({ value: given?.objectives ?? never() }),
    policy: async () => ({ value: given?.policy ?? never() }),
  }

  test.each([
    ['PLAN', 'ok', 'Nothing to do.'],
    ['APPLY', 'needs_approval', 'nothing was changed'],
  ] as const)('%s shows it as data and answers %s', async (op, result, next) => {
    const target = join(out, op)
    const handover = await conduct(input({ phase: 'P1', agents: ['A11'], op, context: contextOf({}), out: target, collectors, simulate: true }))
    expect(handover).toMatchObject({ self_tests: [], responses: [{ response: { result, next: expect.stringContaining(next) as string } }] })
    const plan = ActionPlan.parse(JSON.parse(readFileSync(join(target, 'plan/slo-librarian.json'), 'utf8')))
    expect(plan.actions).toMatchObject([{ kind: 'file.write', path: 'alerts/slo_rules.yaml', sha256: sha256(plan.actions[0]?.text ?? '') }])
    expect(plan.actions[0]?.text).toBe(readFileSync(join(target, 'alerts/slo_rules.yaml'), 'utf8'))
    expect(handover.responses[0]?.response.artifacts.map(({ path }) => path)).toContain('plan/slo-librarian.json')
  })

  test('is nothing when it could not look', async () => {
    const blocked = { what: 'SLO files', why: 'there are none', next: 'Write some.' }
    const without = { ...collectors, objectives: async () => ({ blocked }) }
    const handover = await conduct(
      input({ phase: 'P1', agents: ['A11'], op: 'PLAN', context: contextOf({}), out: join(out, 'blocked'), collectors: without }),
    )
    expect(handover.responses).toMatchObject([{ response: { result: 'blocked' } }])
    expect(handover.files.map(({ path }) => path)).not.toContain('plan/slo-librarian.json')
  })
})

function never(): never {
  throw new Error('nothing is planted')
}

test('mistakes of the caller have codes', async () => {
  const context = contextOf({})
  await expect(conduct(input({ context, agents: ['nobody'] }))).rejects.toMatchObject({
    code: 'unknown-agent',
    message: expect.stringContaining('infrasec'),
  })
  for (const op of ['PLAN', 'APPLY', 'ROLLBACK'] as const)
    await expect(conduct(input({ context, op, agents: ['infrasec'] }))).rejects.toMatchObject({ code: 'unsupported-op' })
  await expect(conduct(input({ context, phase: 'P1', op: 'ROLLBACK' }))).rejects.toMatchObject({ code: 'unsupported-op' })
  await expect(conduct(input({ context, agents: [] }))).rejects.toMatchObject({ code: 'cannot-write' })
  await expect(conduct(input({ context, agents: [], out: import.meta.filename }))).rejects.toMatchObject({ code: 'cannot-write' })
})
