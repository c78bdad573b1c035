import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { commitTree, git, writeTree } from '../support/github/world/git.ts'
import { stage } from './stage.ts'

test('a draft is filled, published, and then immutable; its tag is burned', async () => {
  await using on = await stage()
  await on.github.addRepository({ owner: 'acme', name: 'kept', from: on.work, immutableReleases: true })
  const at = '/repos/acme/kept/releases'
  const token = await on.token()
  const { data } = await on.call(token, 'POST', at, { tag_name: 'v1.0.0', draft: true })
  const draft = data as { id: number; upload_url: string }
  const upload = async (name: string): Promise<{ status: number; data: unknown }> =>
    await on.call(token, 'POST', draft.upload_url.replace('{?name,label}', `?name=${name}`), 'the pack', { 'content-type': 'application/zip' })
  const pack = await upload('pack.zip')
  expect(pack).toMatchObject({
    status: 201,
    data: { size: 8, state: 'uploaded', digest: `sha256:${createHash('sha256').update('the pack').digest('hex')}` },
  })
  expect((await upload('pack.zip')).status).toBe(422)
  expect((await on.call(null, 'GET', `${at}/${draft.id}`)).status, 'drafts are not public').toBe(404)
  expect((await on.call(token, 'PATCH', `${at}/${draft.id}`, { draft: false })).data).toMatchObject({ draft: false, immutable: true })
  expect((await upload('more.zip')).status).toBe(422)
  const asset = `${at}/assets/${(pack.data as { id: number }).id}`
  expect((await on.call(token, 'DELETE', asset)).status).toBe(422)
  const redirect = await on.call(token, 'GET', asset, undefined, { accept: 'application/octet-stream' })
  expect(await (await fetch(redirect.headers.get('location') ?? '')).text()).toBe('the pack')
  expect(await git(on.github.repository('acme/kept').gitDir, ['tag', '--list'])).toBe('v1.0.0')
  expect((await on.call(token, 'DELETE', '/repos/acme/kept/git/refs/tags/v1.0.0')).status).toBe(422)
  expect((await on.call(token, 'DELETE', `${at}/${draft.id}`)).status).toBe(204)
  expect((await on.call(token, 'POST', at, { tag_name: 'v1.0.0' })).status).toBe(422)
  on.github.assertClean()
})

test('contents: a file at a ref, raw bytes, a directory, and nothing', async () => {
  await using on = await stage()
  const token = await on.token()
  const at = '/repos/acme/shop/contents'
  const { data } = await on.call(token, 'GET', `${at}/README.md?ref=main`)
  expect(Buffer.from((data as { content: string }).content, 'base64').toString()).toBe('shop\n')
  expect((await on.call(token, 'GET', `${at}/README.md`, undefined, { accept: 'application/vnd.github.raw+json' })).data).toBe('shop\n')
  expect((await on.call(token, 'GET', `${at}/.github%2Fworkflows`)).data).toMatchObject([{ type: 'file', path: '.github/workflows/conduct.yml' }])
  for (const path of ['nothing', 'README.md?ref=nowhere', 'README.md?ref=--help'])
    expect((await on.call(token, 'GET', `${at}/${path}`)).status).toBe(404)
  on.github.assertClean()
})

test('contents: a link to a file of the repository is answered as that file; another says where it leads, a submodule that it is one', async () => {
  await using on = await stage()
  const { gitDir } = on.github.repository('acme/shop')
  const main = (await git(gitDir, ['rev-parse', 'main'])).trim()
  const blob = async (input: string): Promise<string> => (await git(gitDir, ['hash-object', '-w', '--stdin'], { input })).trim()
  const tree = await writeTree(gitDir, `${main}^{tree}`, [
    { mode: '120000', path: 'docs/readme', sha: await blob('../README.md') },
    { mode: '120000', path: 'out', sha: await blob('../README.md') },
    { mode: '120000', path: 'folder', sha: await blob('.github') },
    { mode: '160000', path: 'sub', sha: main },
  ])
  const who = { name: 'dev', email: 'dev@example.com', date: '2026-01-01T00:00:00Z' }
  const commit = await commitTree(gitDir, tree, [main], 'links', who)
  const token = await on.token()
  const at = async (path: string) => (await on.call(token, 'GET', `/repos/acme/shop/contents/${path}?ref=${commit}`)).data
  expect(await at('docs/readme')).toMatchObject({ type: 'file', content: `${Buffer.from('shop\n').toString('base64')}\n` })
  expect(await at('out')).toMatchObject({ type: 'symlink', target: '../README.md' })
  expect(await at('folder')).toMatchObject({ type: 'symlink', target: '.github' })
  expect(await at('sub')).toMatchObject({ type: 'submodule', sha: main })
  expect(await at('docs')).toMatchObject([{ type: 'symlink', path: 'docs/readme' }])
  on.github.assertClean()
})

test('CODEOWNERS: owners that GitHub does not know', async () => {
  await using on = await stage()
  const token = await on.token({ contents: 'read' })
  const at = '/repos/acme/shop/codeowners/errors'
  expect((await on.call(token, 'GET', at)).status, 'no file').toBe(404)
  await on.commit('CODEOWNERS', '# all\n* @dev @acme/approvers\n/src @nobody @stranger @acme/none # why\n', 'chore: owners')
  await on.github.as('boss').push('acme/shop', { dir: on.work, ref: 'main' })
  const { data } = await on.call(token, 'GET', `${at}?ref=main`)
  expect((data as { errors: { line: number; column: number; kind: string }[] }).errors.map((one) => [one.line, one.column, one.kind])).toEqual([
    [3, 6, 'Unknown owner'],
    [3, 14, 'Unknown owner'],
    [3, 24, 'Unknown owner'],
  ])
  on.github.assertClean()
})
