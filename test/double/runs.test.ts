import { createHash, createPublicKey, createVerify } from 'node:crypto'
import { expect, test } from 'vitest'
import type { RunRequest } from '../support/github/index.ts'
import { zip } from '../support/github/run/zip.ts'
import { openRelease, REPO, stage } from './stage.ts'

const dispatches = `/repos/${REPO}/actions/workflows/conduct.yml/dispatches`

test('dispatch: the run has a title, goes through its states, and its artifact is a zip behind a signed address', async () => {
  const seen: RunRequest[] = []
  await using on = await stage({
    runner: {
      run: async (of) => {
        seen.push(of)
        of.onJob({ name: 'conduct / agents', status: 'in_progress' })
        await of.putArtifact({ name: 'rc-P0-1', zip: zip([{ name: 'a/b.json', bytes: Buffer.from('{}') }]) })
        await expect(of.putArtifact({ name: 'rc-P0-1', zip: zip([]) })).rejects.toMatchObject({ code: 'artifact' })
        return { conclusion: 'success', jobs: [{ name: 'conduct / agents', status: 'completed', conclusion: 'success' }] }
      },
    },
  })
  const { head } = await openRelease(on)
  const token = await on.token()
  const { status, data } = await on.call(token, 'POST', dispatches, {
    ref: 'release/v2.0.0',
    inputs: { phase: 'P0', key: 'k1' },
    return_run_details: true,
  })
  expect(status).toBe(200)
  const { workflow_run_id: id } = data as { workflow_run_id: number }
  await on.github.settled()
  expect(seen).toMatchObject([
    { runId: id, sha: head, ref: 'refs/heads/release/v2.0.0', inputs: { phase: 'P0', key: 'k1' }, actor: { login: 'release-conductor[bot]' } },
  ])
  expect((await on.call(token, 'GET', `/repos/${REPO}/actions/runs?head_sha=${head}&event=workflow_dispatch`)).data).toMatchObject({
    total_count: 1,
    workflow_runs: [
      { id, display_title: 'release-conductor P0 k1', status: 'completed', conclusion: 'success', path: '.github/workflows/conduct.yml' },
    ],
  })
  expect((await on.call(token, 'GET', `/repos/${REPO}/actions/runs/${id}/jobs`)).data).toMatchObject({
    jobs: [{ name: 'conduct / agents', conclusion: 'success' }],
  })
  const list = (await on.call(token, 'GET', `/repos/${REPO}/actions/runs/${id}/artifacts`)).data as { artifacts: { id: number; digest: string }[] }
  const [artifact] = list.artifacts
  const redirect = await on.call(token, 'GET', `/repos/${REPO}/actions/artifacts/${artifact?.id}/zip`)
  expect(redirect.status).toBe(302)
  const location = redirect.headers.get('location') ?? ''
  const bytes = Buffer.from(await (await fetch(location)).arrayBuffer())
  expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(artifact?.digest)
  expect((await fetch(location.replace(/sig=./, 'sig=g'))).status).toBe(403)
  expect(on.heard.filter((one) => one.event === 'workflow_run').map((one) => one.payload['action'])).toEqual([
    'requested',
    'in_progress',
    'completed',
  ])
  on.github.assertClean()
})

test('dispatch refuses what GitHub refuses', async () => {
  await using on = await stage()
  await openRelease(on)
  const token = await on.token()
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ ref: 'nowhere' }, /No ref found/],
    [{ ref: 'main', inputs: {} }, /Required input 'key'/],
    [{ ref: 'main', inputs: { key: 'k', other: 'x' } }, /Unexpected inputs provided: \["other"\]/],
    [{ ref: 'main', inputs: { key: 'k', phase: 'P9' } }, /not in the list/],
    [{ ref: 'main', inputs: Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`i${index}`, 'x'])) }, /must NOT have more than 25/],
  ]
  for (const [body, message] of refused)
    expect(await on.call(token, 'POST', dispatches, body)).toMatchObject({ status: 422, data: { message: expect.stringMatching(message) } })
  expect((await on.call(token, 'POST', dispatches.replace('conduct', 'nothing'), { ref: 'main' })).status).toBe(404)
  expect((await on.call(await on.token({ actions: 'read' }), 'POST', dispatches, { ref: 'main' })).status).toBe(403)
  expect((await on.call(token, 'POST', dispatches, { ref: 'main', inputs: { key: 'k' } })).status).toBe(204)
  expect((await on.call(token, 'GET', `/repos/${REPO}/actions/runs`)).data, 'nobody runs it').toMatchObject({ workflow_runs: [{ status: 'queued' }] })
  on.github.assertClean()
})

test('a push starts the workflows that run on it, unless a job pushed', async () => {
  const runs: RunRequest[] = []
  await using on = await stage({
    runner: {
      run: async (of) => {
        runs.push(of)
        const { status } = await on.call(of.mintToken({ contents: 'write' }), 'POST', `/repos/${REPO}/git/refs`, {
          ref: 'refs/heads/ci/by-job',
          sha: of.sha,
        })
        expect(status).toBe(201)
        return { conclusion: 'success', jobs: [] }
      },
    },
  })
  await openRelease(on)
  await on.checkout('ci/x')
  const { after } = await on.github.as('dev').push(REPO, { dir: on.work, ref: 'ci/x' })
  await on.github.settled()
  expect(runs.map((of) => [of.event.name, of.ref, of.sha])).toEqual([['push', 'refs/heads/ci/x', after]])
  on.github.assertClean()
})

test('identity tokens: signed with published keys, and what the double knows cannot be overridden', async () => {
  let token = ''
  await using on = await stage({
    runner: {
      run: async (of) => {
        token = of.oidcToken('sigstore', {
          job_workflow_ref: 'release-conductor/release-conductor/.github/workflows/conduct.yml@abc',
          job_workflow_sha: 'a'.repeat(40),
          ...({ repository_id: '1' } as object),
        })
        return { conclusion: 'success', jobs: [] }
      },
    },
  })
  const { head } = await openRelease(on)
  await on.github.as('dev').dispatch(REPO, 'conduct.yml', 'release/v2.0.0', { key: 'k' })
  await on.github.settled()
  const issuer = `${on.github.serverUrl}/_oidc`
  const { jwks_uri: uri } = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as { jwks_uri: string }
  const { keys } = (await (await fetch(uri)).json()) as { keys: Record<string, string>[] }
  const [head64 = '', body64 = '', signature = ''] = token.split('.')
  const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
  expect(createVerify('RSA-SHA256').update(`${head64}.${body64}`).verify(key, signature, 'base64url')).toBe(true)
  expect(JSON.parse(Buffer.from(body64, 'base64url').toString())).toMatchObject({
    iss: issuer,
    aud: 'sigstore',
    sha: head,
    repository: REPO,
    repository_id: String(on.github.repository(REPO).id),
    event_name: 'workflow_dispatch',
    runner_environment: 'github-hosted',
    job_workflow_sha: 'a'.repeat(40),
  })
})

test('a runner that breaks is a startup failure and a violation; another attempt is a new number', async () => {
  let broken = true
  await using on = await stage({
    runner: {
      run: async () => {
        if (broken) throw new Error('no such step')
        return { conclusion: 'success', jobs: [] }
      },
    },
  })
  await openRelease(on)
  const dev = on.github.as('dev')
  const id = await dev.dispatch(REPO, 'conduct.yml', 'release/v2.0.0', { key: 'k' })
  await on.github.settled()
  const state = async (): Promise<unknown> => (await dev.request('GET', `/repos/${REPO}/actions/runs/${id}`)).data
  expect(await state()).toMatchObject({ conclusion: 'startup_failure', run_attempt: 1 })
  expect(on.github.violations).toMatchObject([{ kind: 'runner', problems: ['no such step'] }])
  broken = false
  await dev.must('POST', `/repos/${REPO}/actions/runs/${id}/rerun`)
  await on.github.settled()
  expect(await state()).toMatchObject({ conclusion: 'success', run_attempt: 2 })
})
