import { expect, test } from 'vitest'
import { collectManifests } from '../../../agents/collect/manifests.ts'
import { contextOf, release } from './workspace.ts'

const POD = 'apiVersion: v1\nkind: Pod\n'

test('found by what stands in them: objects, plans, poolers, kustomizations, charts and what Terraform applies, and nothing else', async () => {
  using repo = release({
    'deploy/pod.yaml': POD,
    'deploy/POD.yaml': POD,
    'deploy/rendered.json': '{"apiVersion":"v1","kind":"List","items":[]}\n',
    'deploy/kustomization.yml': 'resources: []\n',
    'deploy/chart/Chart.yaml': 'apiVersion: v2\nname: a\n',
    'deploy/chart/templates/pod.yaml': `{{ if x }}\n${POD}{{ end }}\n`,
    'deploy/plan.json': '{"format_version":"1.2","terraform_version":"1.12.0","resource_changes":[]}\n',
    'deploy/pgbouncer.ini': '[databases]\n[pgbouncer]\n',
    'deploy/link.yaml': '->pod.yaml',
    'deploy/binary.yaml': Buffer.from([0, 0xff, 0x0a]),
    'deploy/latin.yaml': Buffer.concat([Buffer.from(POD), Buffer.from([0xe9, 0x0a])]),
    'deploy/large.yaml': POD + '#'.repeat(5 << 20),
    'compose.yaml': 'services: {}\n',
    'schema.json': '{"properties":{"kind":{"type":"string"}}}\n',
    'state.json': '{"terraform_version":"1.12.0"}\n',
    'infra/main.tf': 'terraform {\n  backend "s3" {}\n}\n',
    'infra/network/main.tf': 'resource "aws_vpc" "a" {}\n',
    'php.ini': '[php]\n',
    'vendor/pod.yaml': POD,
    'a b\n"c.yaml': POD,
  })
  const collected = await collectManifests(contextOf({ workspace: repo.path, sha: repo.head }))
  if ('blocked' in collected) throw new Error(collected.blocked.why)
  expect(collected.value.charts).toEqual(['deploy/chart/Chart.yaml'])
  expect(collected.value.files.map(({ path, kind, why }) => [path, kind, why?.split(',')[0] ?? null])).toEqual([
    ['a b\n"c.yaml', 'kubernetes', null],
    ['deploy/POD.yaml', 'kubernetes', null],
    ['deploy/chart/Chart.yaml', 'chart', null],
    ['deploy/chart/templates/pod.yaml', 'kubernetes', null],
    ['deploy/kustomization.yml', 'kubernetes', null],
    ['deploy/large.yaml', 'kubernetes', 'it has 5242905 bytes'],
    ['deploy/latin.yaml', 'kubernetes', 'it is not UTF-8 text'],
    ['deploy/pgbouncer.ini', 'pgbouncer', null],
    ['deploy/plan.json', 'terraform', null],
    ['deploy/pod.yaml', 'kubernetes', null],
    ['deploy/rendered.json', 'kubernetes', null],
    ['infra/main.tf', 'configuration', null],
  ])
})

test('a commit without any has none, and a commit that is not there is an error', async () => {
  using repo = release()
  expect(await collectManifests(contextOf({ workspace: repo.path, sha: repo.head }))).toEqual({ value: { head: repo.head, charts: [], files: [] } })
  await expect(collectManifests(contextOf({ workspace: repo.path }))).rejects.toMatchObject({ code: 'commit-absent' })
})
