import { expect, test } from 'vitest'
import { collectDockerfiles, isDockerfile } from '../../../agents/collect/dockerfiles.ts'
import { contextOf, release } from './workspace.ts'

test.each(['Dockerfile', 'a/Dockerfile.prod', 'Containerfile', 'api.Dockerfile', 'a/b/web.containerfile', 'dockerfile', 'Dockerfile-debug'])(
  '%s is one',
  (path) => {
    expect(isDockerfile(path)).toBe(true)
  },
)

test.each([
  'Dockerfile.dockerignore',
  'docs/Dockerfile.md',
  'Dockerfile.rego',
  'cli/dockerfile.go',
  'dockerfile.test.tsx',
  'Dockerfiles/readme',
  'myDockerfile',
  '.Dockerfilex',
  'dockerfile-ast.ts',
])('%s is none', (path) => {
  expect(isDockerfile(path)).toBe(false)
})

test('every one at the commit, also those that cannot be read; working files do not count', async () => {
  using repo = release({
    'b/Dockerfile': 'FROM scratch\n',
    Dockerfile: '->b/Dockerfile',
    'big.Dockerfile': '#'.repeat(300_000),
    'bin.Dockerfile': Buffer.from([0xff]),
  })
  repo.git('rm', '-q', '--cached', 'b/Dockerfile')
  const collected = await collectDockerfiles(contextOf({ workspace: repo.path, sha: repo.head }))
  if ('blocked' in collected) throw new Error(collected.blocked.why)
  expect(collected.value.files.map(({ path, text, why }) => [path, text, why?.split(',')[0] ?? null])).toEqual([
    ['Dockerfile', null, 'it is a symbolic link'],
    ['b/Dockerfile', 'FROM scratch\n', null],
    ['big.Dockerfile', null, 'it has 300000 bytes'],
    ['bin.Dockerfile', null, 'it is not UTF-8 text'],
  ])
})

test('a commit without one has an empty list', async () => {
  using repo = release()
  expect(await collectDockerfiles(contextOf({ workspace: repo.path, sha: repo.head }))).toEqual({ value: { head: repo.head, files: [] } })
})
