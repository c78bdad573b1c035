import { expect, test } from 'vitest'
import { openRelease, REPO, stage, type Stage } from './stage.ts'

const path = `/repos/${REPO}/check-runs`
const make = async (on: Stage, token: string, head: string, more: object = {}): Promise<number> => {
  const { status, data } = await on.call(token, 'POST', path, { name: 'gate (main)', head_sha: head, ...more })
  expect(status).toBe(201)
  return (data as { id: number }).id
}

test('limits of a check run: sizes, counts, statuses and conclusions an App may set', async () => {
  await using on = await stage()
  const { head } = await openRelease(on)
  const token = await on.token()
  const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm' }
  const refused = [
    { output: { title: 't', summary: 'x'.repeat(65_536) } },
    { output: { title: 't', summary: 's', text: 'x'.repeat(65_536) } },
    { output: { summary: 's' } },
    { output: { title: 't', summary: 's', annotations: Array.from({ length: 51 }, () => annotation) } },
    { actions: Array.from({ length: 4 }, () => ({ label: 'l', description: 'd', identifier: 'i' })) },
    { actions: [{ label: 'x'.repeat(21), description: 'd', identifier: 'i' }] },
    { status: 'waiting' },
    { conclusion: 'stale' },
    { status: 'completed' },
    { head_sha: '0'.repeat(40) },
  ]
  for (const more of refused) expect((await on.call(token, 'POST', path, { name: 'g', head_sha: head, ...more })).status).toBe(422)
  const id = await make(on, token, head, {
    output: { title: 't', summary: 'x'.repeat(65_535), annotations: Array.from({ length: 50 }, () => annotation) },
  })
  await on.call(token, 'PATCH', `${path}/${id}`, { output: { title: 't', summary: 's', annotations: [annotation] } })
  expect((await on.call(token, 'GET', `${path}/${id}`)).data).toMatchObject({ output: { annotations_count: 51 } })
  on.github.assertClean()
})

test('only the App that made a run may change it', async () => {
  let jobToken = ''
  await using on = await stage({
    runner: {
      run: async (of) => {
        jobToken = of.mintToken({ checks: 'write' })
        const { status } = await on.call(jobToken, 'PATCH', `${path}/${of.inputs['key'] as string}`, { conclusion: 'success' })
        return { conclusion: status === 403 ? 'success' : 'failure', jobs: [] }
      },
    },
  })
  const { head } = await openRelease(on)
  const id = await make(on, await on.token(), head)
  const run = await on.github.as('dev').dispatch(REPO, 'conduct.yml', 'release/v2.0.0', { key: String(id) })
  await on.github.settled()
  expect((await on.github.as('dev').request('GET', `/repos/${REPO}/actions/runs/${run}`)).data).toMatchObject({ conclusion: 'success' })
  expect((await on.call(jobToken, 'GET', `/repos/${REPO}`)).status).toBe(401)
  on.github.assertClean()
})

test('creation is not idempotent; the newest run of a name counts', async () => {
  await using on = await stage()
  const { head } = await openRelease(on)
  const token = await on.token()
  const first = await make(on, token, head, { external_id: 'same', conclusion: 'success' })
  const second = await make(on, token, head, { external_id: 'same' })
  expect(second).toBeGreaterThan(first)
  const list = `/repos/${REPO}/commits/${head}/check-runs`
  expect((await on.call(token, 'GET', list)).data).toMatchObject({ total_count: 1, check_runs: [{ id: second }] })
  expect((await on.call(token, 'GET', `${list}?filter=all&check_name=gate%20(main)`)).data).toMatchObject({ total_count: 2 })
  expect((await on.call(token, 'GET', `${list}?app_id=15368`)).data).toMatchObject({ total_count: 0 })
})

test('a re-run request reaches the owner; the suite is queued again, the run is not touched', async () => {
  await using on = await stage()
  const { head } = await openRelease(on)
  const token = await on.token()
  const id = await make(on, token, head, { conclusion: 'success' })
  await on.github.as('dev').rerequest(REPO, id)
  await on.github.settled()
  expect(on.heard.find((one) => one.event === 'check_run' && one.payload['action'] === 'rerequested')?.payload).toMatchObject({
    check_run: { id, status: 'completed' },
  })
  const { data } = await on.call(token, 'GET', `/repos/${REPO}/commits/${head}/check-suites`)
  expect(data).toMatchObject({ check_suites: [{ status: 'queued' }] })
  on.github.assertClean()
})
