import { describe, expect, test } from 'vitest'
import { statementBytes } from '../../../evidence/sign/statement.ts'
import type { EvidenceErrorCode } from '../../../evidence/verify/error.ts'
import type { Expectation } from '../../../evidence/verify/verifier.ts'
import { SAN } from '../../support/sigstore/authority.ts'
import { jobOf, legacyOf } from '../../support/sigstore/instance.ts'
import { asked, JOB, keyless, keylessTrust, SIGNER, WORKFLOW } from './keyless.ts'
import { HEAD, origin, REPOSITORY_ID, rolloutEvent, selfTest, statement } from './statements.ts'

const other = (digit: string): string => digit.repeat(40)

test('the healthy job is believed as its workflow at one commit', () => {
  expect(asked(keyless())).toEqual({ signer: SIGNER })
  expect(asked(keyless(), { expect: { repositoryId: REPOSITORY_ID, repository: 'acme/shop', sha: HEAD } })).toEqual({ signer: SIGNER })
})

describe('a certificate with one field off, and the statement as it was, is refused', () => {
  test.each<[string, Record<number, string>, EvidenceErrorCode]>([
    ['.8 another issuer', { 8: 'https://token.actions.githubusercontent.com.evil.example' }, 'wrong-issuer'],
    ['.8 the issuer with a slash', { 8: 'https://token.actions.githubusercontent.com/' }, 'wrong-issuer'],
    ['.9 another workflow', { 9: 'https://github.com/evil/rc/.github/workflows/conduct.yml@refs/tags/v1' }, 'wrong-workflow'],
    ['.9 a longer path', { 9: `https://github.com/evil/${WORKFLOW.ref}@refs/tags/v1` }, 'wrong-workflow'],
    ['.9 another host', { 9: `https://github.com.evil/${WORKFLOW.ref}@refs/tags/v1` }, 'wrong-workflow'],
    ['.9 another ref of the same commit', { 9: `https://github.com/${WORKFLOW.ref}@refs/tags/v2` }, 'wrong-workflow'],
    ['.9 another commit as its ref', { 9: `https://github.com/${WORKFLOW.ref}@${other('d')}` }, 'wrong-workflow'],
    ['.9 no ref', { 9: `https://github.com/${WORKFLOW.ref}` }, 'wrong-workflow'],
    ['.10 another commit of the workflow', { 10: other('d') }, 'wrong-workflow'],
    ['.10 the commit in capitals', { 10: other('C') }, 'wrong-workflow'],
    ['.11 a runner of their own', { 11: 'self-hosted' }, 'wrong-runner'],
    [
      '.12 another repository',
      { 12: 'https://github.com/acme/shop2', 18: 'https://github.com/acme/shop2/.github/workflows/x.yml@refs/heads/x' },
      'wrong-repository',
    ],
    ['.12 another repository, the caller the same', { 12: 'https://github.com/acme/shop2' }, 'wrong-workflow'],
    ['.13 another commit', { 13: other('e'), 19: other('e') }, 'wrong-commit'],
    ['.13 no commit', { 13: 'main', 19: 'main' }, 'wrong-commit'],
    ['.14 another ref', { 14: 'refs/heads/main' }, 'wrong-ref'],
    ['.15 another repository id', { 15: '4712' }, 'wrong-repository'],
    ['.18 another caller', { 18: 'https://github.com/acme/shop/.github/workflows/other.yml@refs/heads/release/v2.0.0' }, 'wrong-workflow'],
    ['.18 a caller elsewhere', { 18: 'https://github.com/evil/shop/.github/workflows/release-conductor.yml@refs/heads/x' }, 'wrong-workflow'],
    ['.19 a caller of another commit', { 19: other('e') }, 'wrong-workflow'],
    ['.20 a pull request', { 20: 'pull_request_target' }, 'wrong-trigger'],
    ['.20 the other trigger', { 20: 'push' }, 'wrong-trigger'],
    ['.21 another run', { 21: 'https://github.com/acme/shop/actions/runs/13/attempts/1' }, 'wrong-run'],
    ['.21 another attempt', { 21: 'https://github.com/acme/shop/actions/runs/12/attempts/2' }, 'wrong-run'],
  ])('%s', (_name, field, code) => {
    expect(asked(keyless({ job: { ...JOB, ...field } }))).toBe(code)
  })

  test.each([9, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21])('.%i absent', (number) => {
    const { [number]: _gone, ...job } = JOB
    expect(asked(keyless({ job, san: SAN(JOB[9] ?? '') }))).toBe('bad-certificate')
  })

  test.each(
    Object.keys(JOB)
      .map(Number)
      .filter((number) => ![16, 17, 22].includes(number)),
  )('.%i with a line end behind it', (number) => {
    expect(asked(keyless({ job: { ...JOB, [number]: `${JOB[number] ?? ''}\n` }, san: SAN(JOB[9] ?? ''), legacy: {} }))).toMatch(/^(?:wrong|bad)-/)
  })

  test.each([1, 2, 3, 5, 6])('legacy .%i that says something else', (number) => {
    expect(asked(keyless({ legacy: { ...legacyOf(JOB), [number]: 'else' } }))).toBe('bad-certificate')
  })

  test('and the older extensions may be absent', () => {
    expect(asked(keyless({ legacy: {} }))).toEqual({ signer: SIGNER })
    const { 8: _gone, ...job } = JOB
    expect(asked(keyless({ job, legacy: { 1: 'https://evil.example' } }))).toBe('wrong-issuer')
  })
})

describe('a name', () => {
  const uri = JOB[9] ?? ''
  test.each<[string, ReturnType<typeof SAN>, EvidenceErrorCode]>([
    ['of another', SAN('https://github.com/evil/x/.github/workflows/conduct.yml@refs/tags/v1'), 'wrong-workflow'],
    ['that only begins like it', SAN(`${uri}.evil`), 'wrong-workflow'],
    ['that only ends like it', SAN(`https://evil.example/${uri}`), 'wrong-workflow'],
    ['beside another', SAN(uri, 'https://evil.example'), 'bad-certificate'],
    ['behind another', SAN('https://evil.example', uri), 'bad-certificate'],
    ['twice', SAN(uri, uri), 'bad-certificate'],
    ['that is empty', SAN(''), 'wrong-workflow'],
  ])('%s is refused', (_name, san, code) => {
    expect(asked(keyless({ san }))).toBe(code)
  })

  test('with any one character changed is refused', () => {
    for (let at = 0; at < uri.length; at += 1) {
      const changed = `${uri.slice(0, at)}${uri[at] === 'x' ? 'y' : 'x'}${uri.slice(at + 1)}`
      expect(asked(keyless({ san: SAN(changed) }))).toBe('wrong-workflow')
    }
  })
})

/** Signed by the healthy job, about an origin that is not quite it. */
function signed(of: Parameters<typeof origin>[0]): unknown {
  return keyless({ payload: statementBytes(statement('self-test', selfTest('policy_ci', { origin: origin(of) }))) })
}

describe('a true certificate of a trusted workflow does not make the statement true', () => {
  test.each<[string, Parameters<typeof origin>[0], EvidenceErrorCode]>([
    ['repository id', { repository_id: 4712 }, 'wrong-repository'],
    ['ref', { ref: 'refs/heads/main' }, 'wrong-ref'],
    ['event', { event: 'push' }, 'wrong-trigger'],
    ['workflow', { workflow: 'acme/shop/.github/workflows/other.yml@refs/heads/release/v2.0.0' }, 'wrong-workflow'],
    ['signer workflow', { signer_workflow: `${WORKFLOW.ref}@refs/tags/v2` }, 'wrong-workflow'],
    ['signer digest', { signer_digest: other('d') }, 'wrong-workflow'],
    ['run', { run_id: 13 }, 'wrong-run'],
    ['attempt', { run_attempt: 2 }, 'wrong-run'],
    ['runner', { runner_environment: 'self-hosted' }, 'wrong-runner'],
  ])('with another %s in its origin', (_name, of, code) => {
    expect(asked(signed(of))).toBe(code)
  })

  test('with another commit in origin and subject', () => {
    const predicate = selfTest('policy_ci', { origin: origin({ sha: other('e') }) })
    expect(asked(keyless({ payload: statementBytes(statement('self-test', predicate, new Map(), other('e'))) }))).toBe('wrong-commit')
  })

  test('a rollout event is bound by the commit of its own job', () => {
    const event = rolloutEvent(10)
    const payload = statementBytes(statement('rollout-event', event))
    expect(asked(keyless({ payload, job: jobOf(event.origin) }))).toEqual({ signer: SIGNER })
    expect(asked(keyless({ payload }))).toBe('wrong-commit')
  })

  test('what has no origin is bound by subject', () => {
    const approval = {
      schema_version: 1,
      comment_node_id: 'IC_1',
      actor: { login: 'pat', id: 1, role: 'maintain' },
      command: '/promote',
      plan: 'a'.repeat(32),
      step: 10,
      environment: 'prod',
      at: '2026-11-20T10:00:00.000Z',
    }
    const payload = (commit: string): Uint8Array => statementBytes(statement('approval', approval, new Map(), commit))
    expect(asked(keyless({ payload: payload(HEAD) }))).toEqual({ signer: SIGNER })
    expect(asked(keyless({ payload: payload(other('e')) }))).toBe('wrong-commit')
    const elsewhere = { ...JOB, 12: 'https://github.com/acme/toys', 18: 'https://github.com/acme/toys/.github/workflows/x.yml@refs/heads/x' }
    expect(asked(keyless({ payload: payload(HEAD), job: elsewhere }))).toBe('wrong-repository')
  })
})

describe('what the caller trusts and expects', () => {
  test.each<[string, Expectation, EvidenceErrorCode]>([
    ['another repository id', { repositoryId: 1 }, 'wrong-repository'],
    ['another repository', { repository: 'acme/toys' }, 'wrong-repository'],
    ['another commit', { sha: other('e') }, 'wrong-commit'],
    ['another kind', { kinds: ['agent-response'] }, 'wrong-predicate'],
    ['a log entry', { logged: true }, 'no-log-entry'],
  ])('%s is not found', (_name, expected, code) => {
    expect(asked(keyless(), { expect: expected })).toBe(code)
  })

  test('a workflow is trusted at one commit, with one issuer', () => {
    expect(asked(keyless(), { trust: keylessTrust({ workflows: [{ ...WORKFLOW, digest: other('d') }] }) })).toBe('wrong-workflow')
    expect(asked(keyless(), { trust: keylessTrust({ workflows: [{ ...WORKFLOW, ref: WORKFLOW.ref.replace('conduct', 'report') }] }) })).toBe(
      'wrong-workflow',
    )
    expect(asked(keyless(), { trust: keylessTrust({ workflows: [{ ...WORKFLOW, digest: other('d') }, WORKFLOW] }) })).toEqual({ signer: SIGNER })
    const issuer = 'https://ghes.example/_services/token'
    expect(asked(keyless(), { trust: keylessTrust({ workflows: [{ ...WORKFLOW, issuer }] }) })).toBe('wrong-issuer')
    expect(asked(keyless({ job: { ...JOB, 8: issuer } }), { trust: keylessTrust({ workflows: [{ ...WORKFLOW, issuer }] }) })).toEqual({
      signer: SIGNER,
    })
  })
})
