import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { sayCommand } from '../../../actions/lib/say-command.ts'
import type { Said } from '../../../actions/lib/command.ts'
import { FACTS } from '../../support/actions/handover.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  process.exitCode = undefined
})

async function told(answer: Said['answer']): Promise<{ output: string; log: string; exit: unknown }> {
  const file = join(await mkdtemp(join(tmpdir(), 'say-')), 'output')
  await writeFile(file, '')
  const variables = {
    GITHUB_OUTPUT: file,
    GITHUB_API_URL: FACTS.apiUrl,
    GITHUB_REPOSITORY: FACTS.repository,
    GITHUB_REPOSITORY_ID: '4242',
    GITHUB_SHA: FACTS.sha,
    GITHUB_REF: FACTS.ref,
    GITHUB_EVENT_NAME: FACTS.event,
    GITHUB_WORKFLOW_REF: FACTS.workflow,
    GITHUB_RUN_ID: '77',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKSPACE: '/work',
    RUNNER_ENVIRONMENT: 'github-hosted',
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line))
    return true
  })
  await sayCommand({ token: 'ghp_secret', pull: '7', wait: '0' }, async () => ({ url: 'https://x/5', answer }))
  vi.restoreAllMocks()
  return { output: await readFile(file, 'utf8'), log: lines.join(''), exit: process.exitCode }
}

test.each([
  ['accepted', undefined, 'https://x/5'],
  ['refused', 1, '::error::The App refused it; the status comment of pull request 7 says why'],
  ['waiting', undefined, '::notice::It was said, and the App has not answered yet'],
] as const)('%s: the job ends with %s', async (answer, exit, words) => {
  const said = await told(answer)
  expect(said.exit).toBe(exit)
  expect(said.log).toContain(words)
  expect(said.log.startsWith('::add-mask::ghp_secret')).toBe(true)
  expect(said.output).toContain(answer)
})
