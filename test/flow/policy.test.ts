import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLedger } from '../../evidence/ledger/lines.ts'
import { readZip } from '../../evidence/pack/zip.ts'
import { openRelease, type Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

/** What the operator's policy server answers; null: it hangs up. */
let ruling: object | null = null
const asked: string[] = []
const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (part: string) => (body += part))
  request.on('end', () => {
    asked.push((JSON.parse(body) as { input: { command: { name: string } } }).input.command.name)
    if (ruling === null) request.socket.destroy()
    else response.end(JSON.stringify({ result: ruling, decision_id: 'd-1' }))
  })
})

let stage: Stage
let release: Release

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  stage = await setStage({
    bake: '20s',
    deadline: '60s',
    environment: { OPA_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    configure: (config) => config.setIn(['people', 'approvers', 'promote', 'count'], 2),
  })
  const { github, shop } = stage
  github.addUser({ login: 'second' })
  github.repository(shop.fullName).collaborators.set('second', 'maintain')
  github.addOrganization({ login: 'acme', members: ['second'] })
  for (const team of github.world.teams) if (team.slug === 'release-approvers') team.members.add('second')
  release = await openRelease(stage)
  await release.merged()
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  server.closeAllConnections()
  server.close()
})

async function say(login: string, body: string, reaction: 'confused' | 'rocket', answer: string): Promise<void> {
  const comment = await stage.github.as(login).comment(stage.shop.fullName, release.pull, body)
  await release.until(`${reaction} on ${body}`, () => release.reactions(comment.id).includes(reaction))
  await release.until(`the answer ${answer}`, () => release.status.includes(answer))
}

test('a policy server that is away lets nothing through, and says so', async () => {
  await say('approver', '/approve', 'confused', '(`command.server-unavailable`)')
  expect(asked).toEqual(['approve'])
  expect(release.ramp).toEqual([0])
})

test('a policy server that refuses is believed, with its reason', async () => {
  ruling = { allow: false, reasons: ['frozen by finance'] }
  await say('approver', '/approve', 'confused', 'frozen by finance')
  expect(release.ramp).toEqual([0])
})

test('two people: one approves the commit, the other pastes the line, and only then it begins', async () => {
  ruling = { allow: true }
  await say('approver', '/approve', 'rocket', '1 of 2')
  expect(release.ramp).toEqual([0])
  const line = await release.until('a line to paste', () => release.line)
  await say('second', line, 'rocket', 'begins')
  await release.until('10 %', () => release.weight === 10)
})

test('nothing may veto a rollback: with the server away /hold and /rollback are done, and it is not asked', async () => {
  ruling = null
  const before = asked.length
  await say('second', '/hold looks odd', 'rocket', 'It holds where it is')
  await say('approver', '/rollback checkout is slow', 'rocket', 'All traffic goes back')
  expect(await release.ended()).toBe('rolled_back')
  expect(asked.length).toBe(before)
  expect(release.ramp).toEqual([0, 10, 0])
  expect(release.faults('rolled_back')).toEqual([])
})

test('the pack holds both approvals, the policy, and every decision, and verifies', async () => {
  expect(await release.packProblems()).toEqual([])
  const zip = join(stage.dir, 'artifacts', stage.shop.fullName, 'release/v2.0.0/evidence.zip')
  const files = readZip(await readFile(zip))
  const paths = [...files.keys()]
  expect(paths.filter((path) => path.startsWith('attestations/approval-'))).toHaveLength(2)
  expect(paths.filter((path) => /^policy\/[0-9a-f]{64}\.tar\.gz$/.test(path))).toHaveLength(1)
  const decisions = readLedger(files.get('audit/ledger.jsonl') ?? new Uint8Array()).entries.filter(({ type }) => type === 'policy.decision')
  expect(decisions.map(({ data }) => (data['server'] as { allow: boolean | null } | null)?.allow)).toEqual([
    null,
    false,
    true,
    true,
    undefined,
    undefined,
  ])
  stage.github.assertClean()
})
