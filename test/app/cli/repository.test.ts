import { expect, test } from 'vitest'
import { repositoryName, topOf } from '../../../app/cli/repository.ts'
import { emptyFolder, git } from './harness.ts'

test.each([
  ['acme/shop', 'acme', 'shop'],
  ['https://github.com/acme/shop.git', 'acme', 'shop'],
  ['git@github.com:acme/my.shop.git', 'acme', 'my.shop'],
  ['ssh://git@github.com/acme/shop', 'acme', 'shop'],
])('%s', async (remote, owner, name) => {
  expect(await repositoryName(undefined, { GITHUB_REPOSITORY: remote }, emptyFolder())).toEqual({ owner, name })
})

test('what names no repository is refused when it was said, and nothing when it was not', async () => {
  await expect(repositoryName('a b', {}, emptyFolder())).rejects.toMatchObject({ code: 'usage' })
  expect(await repositoryName(undefined, {}, emptyFolder())).toBeNull()
})

test('outside of a checkout it says so', async () => {
  await expect(topOf(emptyFolder())).rejects.toMatchObject({ code: 'config', exit: 2 })
  const folder = emptyFolder()
  git(folder, 'init', '-q')
  expect(await topOf(folder)).toContain('release-conductor-cli-')
})
