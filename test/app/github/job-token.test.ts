import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { issuerOf, jobTokens } from '../../../app/github/job-token.ts'
import { issuerOfJobs, jobToken, NOW_S, signerOfJobs } from '../../support/job-token.ts'

const APP = 'https://conductor.example'
const signer = signerOfJobs()
const clock = { now: () => NOW_S * 1000 }

async function read(of: (issuer: string) => string): Promise<unknown> {
  await using issuer = await issuerOfJobs(signer)
  return await jobTokens({ issuer: issuer.url, audience: APP, clock }).read(of(issuer.url))
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The same claims under another head, signed as told. */
function forged(token: string, head: object, sign: (text: string) => string): string {
  const text = `${part(head)}.${token.split('.')[1]}`
  return `${text}.${sign(text)}`
}

describe('a token of a job', () => {
  test('names repository, run and environment', async () => {
    expect(await read((issuer) => jobToken(signer, issuer, APP))).toEqual({ repositoryId: 7, run: 9, environment: null })
    expect(await read((issuer) => jobToken(signer, issuer, APP, { environment: 'prod' }))).toEqual({ repositoryId: 7, run: 9, environment: 'prod' })
  })

  test.each<[string, (issuer: string) => string, string]>([
    ['for another App', (issuer) => jobToken(signer, issuer, 'https://other.example'), 'it was not made for https://conductor.example'],
    ['of another issuer', () => jobToken(signer, 'https://token.actions.githubusercontent.com', APP), 'it is not of http://127.0.0.1'],
    ['that is over', (issuer) => jobToken(signer, issuer, APP, { iat: NOW_S - 400, exp: NOW_S - 31 }), '"exp"'],
    ['that never ends', (issuer) => jobToken(signer, issuer, APP, { exp: undefined }), '"exp"'],
    ['that is old', (issuer) => jobToken(signer, issuer, APP, { iat: NOW_S - 700 }), '"iat"'],
    ['of tomorrow', (issuer) => jobToken(signer, issuer, APP, { nbf: NOW_S + 60 }), '"nbf"'],
    ['without a run', (issuer) => jobToken(signer, issuer, APP, { run_id: undefined }), 'run_id'],
    ['of a run that is no number', (issuer) => jobToken(signer, issuer, APP, { run_id: '9; drop' }), 'run_id'],
    ['of somebody else who calls the key the same', (issuer) => jobToken(signerOfJobs(), issuer, APP), 'signature verification failed'],
    ['of a key that GitHub does not have', (issuer) => jobToken(signerOfJobs('k2'), issuer, APP), 'no applicable key'],
    ['without a signature', (issuer) => forged(jobToken(signer, issuer, APP), { alg: 'none' }, () => ''), 'not allowed'],
    [
      'signed with the public key as a secret',
      (issuer) =>
        forged(jobToken(signer, issuer, APP), { alg: 'HS256', kid: 'k1' }, (text) =>
          createHmac('sha256', signer.publicKey).update(text).digest('base64url'),
        ),
      'not allowed',
    ],
    ['that is none', () => 'a.b.c', 'is invalid'],
    ['that is huge', () => 'a'.repeat(20_000), 'longer than'],
  ])('%s is not believed', async (_what, of, why) => {
    expect(await read(of)).toContain(why)
  })

  test.each<[string, Parameters<typeof issuerOfJobs>[1]]>([
    ['answers 500', () => ({ status: 500 })],
    ['answers what are no keys', () => ({ headers: { 'content-type': 'application/json' }, body: '[]' })],
    [
      'hangs up',
      () => {
        throw new Error('gone')
      },
    ],
  ])('cannot be read while GitHub %s, and that is no verdict on it', async (_what, answer) => {
    await using issuer = await issuerOfJobs(signer, answer)
    const tokens = jobTokens({ issuer: issuer.url, audience: APP, clock })
    await expect(tokens.read(jobToken(signer, issuer.url, APP))).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('costs one reading of the keys, however often one asks', async () => {
    await using issuer = await issuerOfJobs(signer)
    const tokens = jobTokens({ issuer: issuer.url, audience: APP, clock })
    for (let time = 0; time < 5; time++) await tokens.read(jobToken(signer, issuer.url, APP))
    for (let time = 0; time < 5; time++) await tokens.read(jobToken(signerOfJobs(`k${time + 2}`), issuer.url, APP))
    expect(issuer.server.asked.length).toBeLessThanOrEqual(2)
  })
})

test.each([
  ['https://api.github.com', 'https://token.actions.githubusercontent.com'],
  ['https://api.acme.ghe.com', 'https://token.actions.acme.ghe.com'],
  ['https://github.acme.example/api/v3', 'https://github.acme.example/_services/token'],
])('jobs of %s have tokens of %s', (api, issuer) => {
  expect(issuerOf(api)).toBe(issuer)
})
