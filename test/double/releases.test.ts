import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { git } from '../support/github/world/git.ts'
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
