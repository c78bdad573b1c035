import { expect, test } from 'vitest'
import { collectAttestations } from '../../../agents/collect/attestations.ts'
import { SUPPLIED_CONFIG } from '../supplies.ts'
import { contextOf, release } from './workspace.ts'

const CONFIG = '.github/release-conductor.yml'
const LIST = 'supply-chain/artifacts.json'

test('a commit that differs from the head in the evidence folder alone is the same source; one that differs elsewhere ends it', async () => {
  using repo = release({ 'src/cart.ts': 'a' }, undefined, { [CONFIG]: SUPPLIED_CONFIG })
  const second = repo.commit('feat: more', { 'src/cart.ts': 'b' })
  const third = repo.commit('chore: evidence', {
    [LIST]: '{}',
    'supply-chain/attestations/a.sigstore.json': '1',
    'supply-chain/attestations/notes.md': 'x',
  })
  const head = repo.commit('chore: evidence again', { 'supply-chain/attestations/b.jsonl': '2' })
  const collected = await collectAttestations(contextOf({ workspace: repo.path, sha: head }))
  expect(collected).toEqual({
    value: {
      at: '2026-01-15T12:00:00.000Z',
      repository: { owner: 'acme', name: 'shop', id: 1 },
      sources: [head, third, second],
      list: { path: LIST, text: '{}', why: null },
      files: [
        { path: 'supply-chain/attestations/a.sigstore.json', text: '1', why: null },
        { path: 'supply-chain/attestations/b.jsonl', text: '2', why: null },
      ],
      trustedRoot: null,
    },
  })
})

test('a name that only begins like the folder is outside of it', async () => {
  using repo = release({}, undefined, { [CONFIG]: SUPPLIED_CONFIG })
  const head = repo.commit('feat: more', { 'supply-chain-evil.ts': 'x' })
  const collected = await collectAttestations(contextOf({ workspace: repo.path, sha: head }))
  expect(collected).toMatchObject({ value: { sources: [head], list: null, files: [] } })
})

test('the trusted root comes from the base, never from the release', async () => {
  const config = SUPPLIED_CONFIG.replace('supply_chain: {', 'supply_chain: { trusted_root: trust/root.json,')
  using repo = release({ 'trust/root.json': 'evil' }, undefined, { [CONFIG]: config, 'trust/root.json': 'good' })
  const collected = await collectAttestations(contextOf({ workspace: repo.path, sha: repo.head }))
  expect(collected).toMatchObject({ value: { trustedRoot: { text: 'good' } } })
})
