import { beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { verifySignedPack } from '../../../evidence/verify/signed-pack.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { BASE, decisionPredicate, HEAD, REPOSITORY_ID, response, selfTest, sign, statement, STRANGER, TRUST } from './statements.ts'

const COMMITS = 'attestations/agent-response-commits.sigstore.json'
const SELF_TEST = 'attestations/self-test-policy_ci.sigstore.json'
const REPORT = 'ci/commit_lint.json'
const INPUT = `inputs/${sha256('commits')}`
const report = Buffer.from('{"commits":3}')
const reports = new Map([[REPORT, report]])
const expected = { repositoryId: REPOSITORY_ID, sha: HEAD }

let good: ReadonlyMap<string, Uint8Array>
beforeAll(async () => {
  good = new Map([
    [REPORT, report],
    [INPUT, Buffer.from('commits')],
    [COMMITS, await sign(statement('agent-response', response('commits', reports), reports))],
    [SELF_TEST, await sign(statement('self-test', selfTest('policy_ci')))],
  ])
})

function ask(files: ReadonlyMap<string, Uint8Array>, expect = expected): { believed: string[]; rejected: string[] } {
  const answer = verifySignedPack({ files, trust: TRUST, expect })
  return { believed: answer.believed.map((one) => one.bundlePath), rejected: answer.rejected.map((one) => `${one.code} ${one.path}`) }
}

const edit = (path: string, bytes: Uint8Array | null): Map<string, Uint8Array> => {
  const files = new Map(good)
  if (bytes === null) files.delete(path)
  else files.set(path, bytes)
  return files
}

describe('verifySignedPack', () => {
  test('believes a good artifact, with the files each statement covers', () => {
    const { believed, rejected } = verifySignedPack({ files: good, trust: TRUST, expect: expected })
    expect(rejected).toEqual([])
    expect(believed.map(({ kind, signer, bundlePath, files }) => ({ kind, signer, bundlePath, files }))).toEqual([
      { kind: 'agent-response', signer: 'demo', bundlePath: COMMITS, files: [REPORT, INPUT] },
      { kind: 'self-test', signer: 'demo', bundlePath: SELF_TEST, files: [] },
    ])
    expect(believed[0]?.predicate).toEqual(response('commits', reports))
    expect(believed[0]?.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  test('believes nothing without trust', () => {
    const { believed, rejected } = verifySignedPack({ files: good, trust: trustOf({}), expect: expected })
    expect(believed).toEqual([])
    expect(rejected.filter((one) => one.code === 'no-trust').length).toBe(2)
  })

  test('of nothing answers nothing', () => {
    expect(ask(new Map())).toEqual({ believed: [], rejected: [] })
  })

  test('a changed report takes its statement with it, and only that', () => {
    expect(ask(edit(REPORT, Buffer.from('{"commits":4}')))).toEqual({
      believed: [SELF_TEST],
      rejected: [`wrong-subject ${COMMITS}`, `not-covered ${REPORT}`, `not-covered ${INPUT}`],
    })
  })

  test('an absent report does too', () => {
    expect(ask(edit(REPORT, null)).rejected).toContain(`wrong-subject ${COMMITS}`)
  })

  test('a file nobody covers is rejected by itself', () => {
    expect(ask(edit('ci/extra.json', report))).toEqual({ believed: [COMMITS, SELF_TEST], rejected: ['not-covered ci/extra.json'] })
    expect(ask(edit('../evil', report)).rejected).toEqual(['not-covered ../evil'])
  })

  test('an input is covered only when its bytes have the cited digest', () => {
    expect(ask(edit(INPUT, Buffer.from('other')))).toEqual({ believed: [COMMITS, SELF_TEST], rejected: [`not-covered ${INPUT}`] })
    const stray = `inputs/${sha256('stray')}`
    expect(ask(edit(stray, Buffer.from('stray'))).rejected).toEqual([`not-covered ${stray}`])
  })

  test.each([
    ['another commit', { ...expected, sha: BASE }, 'wrong-commit'],
    ['another repository', { ...expected, repositoryId: 1 }, 'wrong-repository'],
  ])('all of an artifact of %s is rejected', (_name, expectation, code) => {
    const { believed, rejected } = ask(good, expectation)
    expect(believed).toEqual([])
    expect(rejected).toContain(`${code} ${COMMITS}`)
    expect(rejected).toContain(`${code} ${SELF_TEST}`)
  })

  test('a stranger, a twin, a corrupted bundle and a stray name are each rejected', async () => {
    expect(ask(edit(SELF_TEST, await sign(statement('self-test', selfTest('policy_ci')), STRANGER))).rejected).toEqual([
      `untrusted-signer ${SELF_TEST}`,
    ])
    const twin = 'attestations/self-test-policy_ci-2.sigstore.json'
    expect(ask(edit(twin, good.get(SELF_TEST) ?? report)).believed.length).toBe(2)
    expect(ask(edit(twin, good.get(SELF_TEST) ?? report)).rejected).toEqual([`duplicate ${SELF_TEST}`])
    expect(ask(edit(SELF_TEST, report)).rejected).toEqual([`malformed ${SELF_TEST}`])
    expect(ask(edit('attestations/deep/x.sigstore.json', report)).rejected).toEqual(['malformed attestations/deep/x.sigstore.json'])
  })

  test('a job cannot state what only the App decides', async () => {
    const path = 'attestations/decision-x.sigstore.json'
    expect(ask(edit(path, await sign(statement('decision', decisionPredicate())))).rejected).toEqual([`wrong-predicate ${path}`])
  })

  test('every flipped byte of a bundle loses that bundle', () => {
    const bytes = good.get(SELF_TEST) ?? report
    for (let at = 0; at < bytes.length; at += 13) {
      const flipped = Uint8Array.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      expect(ask(edit(SELF_TEST, flipped)).believed).toEqual([COMMITS])
    }
  })
})
