import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { readRoot } from '../../../evidence/verify/root.ts'
import { asked, keyless, keylessTrust, SIGNER, SIGSTORE } from './keyless.ts'

interface Loose {
  [key: string]: Loose
}

/** The member at this path, to be changed in place. */
function member(root: Loose, ...path: readonly string[]): Loose {
  let at: Loose | undefined = root
  for (const key of path) at = at?.[key]
  if (at === undefined) throw new Error(`the root has no ${path.join('.')}`)
  return at
}

/** A field's new value, of whatever type. */
function put(root: Loose, path: readonly string[], value: unknown): void {
  Object.assign(member(root, ...path.slice(0, -1)), { [path.at(-1) ?? '']: value })
}

function broken(change: (root: Loose) => void): Uint8Array {
  const root = structuredClone(SIGSTORE.root()) as unknown as Loose
  change(root)
  return Buffer.from(canonicalize(root))
}

function code(bytes: Uint8Array): string {
  const root = readRoot(bytes)
  return root instanceof EvidenceError ? root.code : 'read'
}

test('our own root is read, and null in it is absence', () => {
  expect(code(broken(() => undefined))).toBe('read')
  expect(code(broken((root) => put(root, ['tlogs', '0', 'checkpointKeyId'], null)))).toBe('read')
})

describe('a root is refused', () => {
  const LISTS = ['tlogs', 'ctlogs', 'certificateAuthorities', 'timestampAuthorities'] as const
  const validity = Object.fromEntries(
    LISTS.map((list) => [list, list.endsWith('logs') ? [list, '0', 'publicKey', 'validFor'] : [list, '0', 'validFor']]),
  )
  const set = (list: string, field: string, value: unknown): string => code(broken((root) => put(root, [...(validity[list] ?? []), field], value)))

  test.each(LISTS)('whose %s have no start of validity', (list) => {
    expect(code(broken((root) => delete member(root, ...(validity[list] ?? []))['start']))).toBe('bad-root')
    expect(set(list, 'start', null)).toBe('bad-root')
    expect(set(list, 'start', '')).toBe('bad-root')
    expect(set(list, 'start', '2026-01-01T00:00:00Z')).toBe('read')
  })

  test.each(LISTS)('whose %s end before they start', (list) => {
    expect(set(list, 'end', '2025-12-31T23:59:59Z')).toBe('bad-root')
    expect(set(list, 'end', '2026-13-01T00:00:00Z')).toBe('bad-root')
  })

  test.each<[string, Uint8Array]>([
    ['of another type', broken((root) => put(root, ['mediaType'], 'application/json'))],
    ['with an unknown member', broken((root) => put(root, ['extra'], 1))],
    ['with an empty chain', broken((root) => put(root, ['certificateAuthorities', '0', 'certChain', 'certificates'], []))],
    ['with sloppy base64', broken((root) => put(root, ['tlogs', '0', 'logId', 'keyId'], 'AB=='))],
    ['that is no JSON', Buffer.from('{')],
    ['that names a key twice', Buffer.from('{"mediaType":"a","mediaType":"b"}')],
    ['that is too large', Buffer.alloc((1 << 20) + 1, 0x20)],
    ['that is too deep', Buffer.from('['.repeat(1000))],
  ])('%s', (_name, bytes) => {
    expect(code(bytes)).toBe('bad-root')
    expect(asked(keyless(), { trust: keylessTrust({ root: { bytes } }) })).toBe('bad-root')
  })

  test('with a key or a certificate that is none', () => {
    const none = Buffer.from('none').toString('base64')
    const key = broken((root) => put(root, ['tlogs', '0', 'publicKey', 'rawBytes'], none))
    const certificate = broken((root) => put(root, ['certificateAuthorities', '0', 'certChain', 'certificates'], [{ rawBytes: none }]))
    for (const bytes of [key, certificate]) expect(asked(keyless(), { trust: keylessTrust({ root: { bytes } }) })).toBe('bad-root')
  })
})

test('a bad root spoils keys too: nothing is trusted in part', () => {
  expect(asked(keyless(), { trust: keylessTrust({ root: { bytes: Buffer.from('{}') } }) })).toBe('bad-root')
  expect(asked(keyless())).toEqual({ signer: SIGNER })
})
