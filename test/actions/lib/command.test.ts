import { describe, expect, test } from 'vitest'
import { say, type CommandInputs } from '../../../actions/lib/command.ts'
import { REPO, stage, type Stage } from '../../double/stage.ts'

async function release(on: Stage): Promise<{ pull: number; inputs: CommandInputs }> {
  await on.checkout('release/v2.0.0')
  await on.commit('a.txt', 'x', 'feat: a')
  await on.github.as('dev').push(REPO, { dir: on.work, ref: 'release/v2.0.0' })
  const data = await on.github.as('dev').must('POST', `/repos/${REPO}/pulls`, { title: 'x', head: 'release/v2.0.0', base: 'main' })
  const pull = Number(data['number'])
  const facts = { apiUrl: on.github.apiUrl, repository: REPO }
  return { pull, inputs: { token: on.github.as('boss').token, pull: String(pull), wait: '6', facts, sleep: async () => {} } }
}

describe('a command is said as the person, and the answer is the reaction of a bot', () => {
  test.each([
    ['rocket', 'accepted'],
    ['confused', 'refused'],
    ['eyes', 'waiting'],
  ])('%s: %s', async (content, answer) => {
    await using on = await stage()
    const { inputs, pull } = await release(on)
    const token = await on.token({ issues: 'write', pull_requests: 'write' })
    const sleep = async () => {
      const [comment] = on.github.repository(REPO).comments.values()
      await on.call(token, 'POST', `/repos/${REPO}/issues/comments/${comment?.id}/reactions`, { content })
    }
    const said = await say('/hold a look', { ...inputs, sleep })
    expect(said.answer).toBe(answer)
    const [comment] = on.github.repository(REPO).comments.values()
    expect(comment).toMatchObject({ body: '/hold a look', issue: pull })
    expect(said.url).toContain(`#issuecomment-${comment?.id}`)
  })

  test('a reaction of a person is no answer, and nobody waits longer than asked', async () => {
    await using on = await stage()
    const { inputs } = await release(on)
    const slept: number[] = []
    const sleep = async (milliseconds: number) => {
      slept.push(milliseconds)
      const [comment] = on.github.repository(REPO).comments.values()
      await on.github.as('dev').request('POST', `/repos/${REPO}/issues/comments/${comment?.id}/reactions`, { content: 'rocket' })
    }
    expect((await say('/status', { ...inputs, wait: '3', sleep })).answer).toBe('waiting')
    expect(slept).toEqual([2000, 1000])
    expect((await say('/status', { ...inputs, wait: '0' })).answer).toBe('waiting')
  })
})

test.each([
  ['a pull request that is no number', { pull: '1;' }, 'bad-input', 'pull'],
  ['a wait that is too long', { wait: '901' }, 'bad-input', 'wait'],
  ['a token that nobody gave out', { token: 'ghp_nobody' }, 'github-refused', '401'],
  ['a pull request that is not there', { pull: '999' }, 'github-refused', '404'],
  ['a GitHub that is away', { facts: { apiUrl: 'http://127.0.0.1:1', repository: REPO } }, 'github-unavailable', 'Run the job again'],
])('%s is told', async (_what, over, code, words) => {
  await using on = await stage()
  const { inputs } = await release(on)
  await expect(say('/status', { ...inputs, ...over })).rejects.toMatchObject({ code, message: expect.stringContaining(words) as string })
})

test('a token without the permission is told the line to add', async () => {
  await using on = await stage()
  const { inputs } = await release(on)
  const token = await on.token({ contents: 'read' })
  await expect(say('/status', { ...inputs, token })).rejects.toMatchObject({
    code: 'github-refused',
    message: expect.stringMatching(/(issues|pull-requests): write/) as string,
  })
})
