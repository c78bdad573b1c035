import { expect, test } from 'vitest'
import { collect } from '../../../agents/collect/index.ts'
import { templateKeeper } from '../../../agents/developer-experience/template-keeper.ts'
import { text } from '../../structure/tree.ts'
import { contextOf, release } from '../collect/workspace.ts'

const DOCUMENT = text('docs/templates.md')
/** Path -> the block that follows its name. */
const FILES = Object.fromEntries(
  [...DOCUMENT.matchAll(/^`([^`]+)`:\n\n```\w+(?: test)?\n([\s\S]*?)^```$/gm)].map(([, path = '', block = '']) => [path, block]),
)
const block = (word: string) => new RegExp(`^\`\`\`\\w+ ${word}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(DOCUMENT)?.[1] ?? ''

async function looked(dockerfile: string) {
  const { Dockerfile: _taken, ...before } = FILES
  using repo = release({ Dockerfile: dockerfile }, undefined, before)
  const answer = await collect('templates', contextOf({ workspace: repo.path, sha: repo.head }))
  if ('blocked' in answer) throw new Error(answer.blocked.why)
  const { findings } = templateKeeper.assess({ templates: answer.value }, {})
  return {
    said: findings.map(({ severity, rule, message }) => `${severity} ${rule}: ${message}\n`),
    plan: templateKeeper.plan?.({ templates: answer.value }, {}),
  }
}

test('the example of the document says what the document says', async () => {
  expect(Object.keys(FILES)).toEqual(['templates/dockerfile/v1.txt', 'templates/dockerfile/v2.txt', '.github/release-conductor.yml', 'Dockerfile'])
  const { said, plan } = await looked(FILES['Dockerfile'] ?? '')
  expect(said.join('')).toBe(block('said'))
  expect(plan?.map((action) => action.text)).toEqual([block('planned')])
  const weakened = await looked((FILES['Dockerfile'] ?? '').replace('USER 65532:65532', 'USER root'))
  expect(weakened.said[0]).toBe(block('weakened'))
  expect(weakened.plan).toEqual([])
})
