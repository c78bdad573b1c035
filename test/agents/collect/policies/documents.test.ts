import { expect, test } from 'vitest'
import { documentsOf } from '../../../../agents/collect/policies/documents.ts'
import { Policies } from '../../../../evidence/model/config/policies.ts'
import { contextOf, release } from '../workspace.ts'

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n'

async function documents(files: Record<string, string | Buffer>, ask: readonly object[] = [{}]) {
  using repo = release(files)
  return await documentsOf(contextOf({ workspace: repo.path, sha: repo.head }), repo.head, Policies.parse({ ask }).ask)
}

test('each document of what other agents find, and the config, with the file it is of', async () => {
  const { asked, listed } = await documents({
    'k8s/a.yaml': `${POD}---\n---\n${POD.replace('name: a', 'name: b')}`,
    'k8s/list.json': JSON.stringify([{ apiVersion: 'v1', kind: 'Pod' }, 7]),
    '.github/workflows/ci.yml': 'on: push\njobs: {}\n',
    Dockerfile: 'FROM scratch\n',
    'other.yaml': 'a: 1\n',
    'chart/Chart.yaml': 'name: x\n',
    'chart/templates/a.yaml': POD,
  })
  expect(listed.map(({ index, kind, path }) => `${kind} ${path} ${index}`)).toEqual([
    'config .github/release-conductor.yml 0',
    'workflows .github/workflows/ci.yml 0',
    'dockerfiles Dockerfile 0',
    'kubernetes k8s/a.yaml 0',
    'kubernetes k8s/a.yaml 1',
    'kubernetes k8s/list.json 0',
    'kubernetes k8s/list.json 1',
  ])
  expect(asked.get('main')?.map(({ value }) => value)).toMatchObject([
    { version: 1 },
    { on: 'push' },
    [{ Cmd: 'from', Value: ['scratch'] }],
    { metadata: { name: 'a' } },
    { metadata: { name: 'b' } },
    { kind: 'Pod' },
    7,
  ])
  expect(asked.get('main')?.[3]).toMatchObject({ place: 3, file: { name: 'a.yaml', dir: 'k8s' } })
})

test('each package is asked about what the config says, and about files by their names', async () => {
  const { asked, listed } = await documents({ 'k8s/a.yaml': POD, 'ops/b.json': '{"b":1}', 'ops/c.yaml': 'c: 1\n', Dockerfile: 'FROM scratch\n' }, [
    { package: 'kube', documents: ['kubernetes'] },
    { package: 'ops', documents: [], files: ['ops/*', 'k8s/*'] },
  ])
  const of = (name: string) => asked.get(name)?.map(({ place }) => listed[place]?.path)
  expect([of('kube'), of('ops')]).toEqual([['k8s/a.yaml'], ['k8s/a.yaml', 'ops/b.json', 'ops/c.yaml']])
})

test.each<[string, string | Buffer, RegExp]>([
  ['broken YAML', 'apiVersion: v1\nkind: [\n', /^line \d+: this is no YAML/],
  [
    'a bomb',
    `a: &a [1,1,1,1,1,1,1,1,1]\n${'bcdef'.split('').reduce((text, name, at, all) => `${text}${name}: &${name} [${`*${all[at - 1] ?? 'a'},`.repeat(9)}]\n`, '')}`,
    /more than|nested/,
  ],
  ['bytes that are no text', Buffer.from([0xff, 0xfe]), /not UTF-8/],
  ['a symbolic link', '->/etc/passwd', /symbolic link/],
  ['a number that JSON lacks', 'a: .inf\n', /nothing that JSON can say/],
])('%s is a problem to tell', async (_name, content, why) => {
  const { asked, listed } = await documents({ 'ops/x.yaml': content }, [{ documents: [], files: ['ops/*'] }])
  expect([listed.length, asked.get('main')]).toEqual([1, []])
  expect(listed[0]).toMatchObject({ sha256: null, problem: expect.stringMatching(why) })
})

test('JSON that is none is a problem, and too many documents are', async () => {
  expect((await documents({ 'ops/x.json': '{"a":1,"a":2}' }, [{ documents: [], files: ['ops/*'] }])).listed[0]?.problem).not.toBeNull()
  const many = await documents({ 'ops/a.json': JSON.stringify(Array.from({ length: 5001 }, () => 1)) }, [{ documents: [], files: ['ops/*'] }])
  expect(many.listed).toHaveLength(5000)
  expect(many.listed.at(-1)?.problem).toContain('at most 5000 documents')
  expect(many.asked.get('main')).toHaveLength(4999)
})
