import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { LedgerError } from '../../../evidence/ledger/error.ts'
import { openNote, readNote, writeNote, type NoteKey } from '../../../evidence/ledger/note.ts'
import { absent, corpus, jsonFiles } from '../../support/corpora.ts'

const ecdsa = inPem(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const ed25519 = inPem(generateKeyPairSync('ed25519'))
const rsa = inPem(generateKeyPairSync('rsa', { modulusLength: 2048 }))

function inPem(pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }): { readonly publicKey: string; readonly privateKey: string } {
  return {
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const NAME = 'example.com/log'
const TEXT = 'example.com/log\n3\nAAAA\n'

function code(act: () => unknown): string {
  try {
    act()
    return 'no error'
  } catch (error) {
    if (error instanceof LedgerError) return error.code
    throw error
  }
}

const open = (note: string | Uint8Array, ...keys: NoteKey[]): NoteKey => openNote(readNote(Buffer.from(note)), keys)

describe.each([
  ['ECDSA on P-256', ecdsa],
  ['Ed25519', ed25519],
])('a note signed with %s', (_name, { publicKey, privateKey }) => {
  const note = writeNote(TEXT, { name: NAME, privateKeyPem: privateKey })
  const key = { name: NAME, publicKeyPem: publicKey }

  test('is read back, and its signer is named', () => {
    expect(readNote(Buffer.from(note)).text).toBe(TEXT)
    expect(open(note, key)).toBe(key)
  })

  test('with any byte flipped is refused', () => {
    const bytes = Buffer.from(note)
    for (let at = 0; at < bytes.length; at += 1)
      for (const bit of [1, 32]) {
        const flipped = Uint8Array.from(bytes)
        flipped[at] = (flipped[at] ?? 0) ^ bit
        expect(['note', 'signature']).toContain(code(() => open(flipped, key)))
      }
  })

  test('cut at any byte is refused', () => {
    for (let end = 0; end < note.length; end += 1) expect(['note', 'signature']).toContain(code(() => open(note.slice(0, end), key)))
  })

  test('is nothing to another key, another name or no key at all', () => {
    const other = inPem(generateKeyPairSync('ed25519'))
    expect(code(() => open(note, { name: NAME, publicKeyPem: other.publicKey }))).toBe('signature')
    expect(code(() => open(note, { ...key, name: 'example.com/other' }))).toBe('signature')
    expect(code(() => open(note))).toBe('signature')
  })

  test('ignores signatures of strangers, cosignatures among them, wherever they stand', () => {
    const cosignature =
      '\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n'
    const [text = '', line = ''] = note.split(/(?<=\n)\n/)
    expect(open(`${text}\n${cosignature}${line}`, key)).toBe(key)
    expect(open(`${text}\n${line}${cosignature}`, key)).toBe(key)
    expect(code(() => open(`${text}\n${cosignature}`, key))).toBe('signature')
  })

  test('is refused whole when a key that is known is shown with a signature that is not its own', () => {
    const [, good = ''] = note.split(/(?<=\n)\n/)
    const [, bad = ''] = writeNote('something else\n', { name: NAME, privateKeyPem: privateKey }).split(/(?<=\n)\n/)
    expect(code(() => open(`${TEXT}\n${good}${bad}`, key))).toBe('signature')
    expect(code(() => open(`${TEXT}\n${bad}${good}`, key))).toBe('signature')
  })
})

describe('a note', () => {
  const line = `\u2014 ${NAME} AAAAAAA=\n`

  test.each([
    ['nothing', ''],
    ['only text', 'a\n'],
    ['no blank line', `a\n${line}`],
    ['no signature', 'a\n\n'],
    ['no line end', `a\n\n${line.trimEnd()}`],
    ['a hyphen for the dash', `a\n\n- ${NAME} AAAAAAA=\n`],
    ['two spaces', `a\n\n\u2014  ${NAME} AAAAAAA=\n`],
    ['no name', 'a\n\n\u2014 AAAAAAA=\n'],
    ['a plus in the name', 'a\n\n\u2014 a+b AAAAAAA=\n'],
    ['a space of another kind in the name', 'a\n\n\u2014 a\u2003b AAAAAAA=\n'],
    ['a word after the signature', `a\n\n${line.trimEnd()} x\n`],
    ['an id without a signature', `a\n\n\u2014 ${NAME} AAAAAA==\n`],
    ['base64 without its padding', `a\n\n\u2014 ${NAME} AAAAAAA\n`],
    ['base64 of the web', `a\n\n\u2014 ${NAME} AAAA-_A=\n`],
    ['a carriage return', `a\r\n\n${line}`],
    ['a tab', `a\tb\n\n${line}`],
    ['an escape', `a\u001b[0m\n\n${line}`],
    ['a byte order mark before a signature', `a\n\n\ufeff${line}`],
    ['65 signatures', `a\n\n${line.repeat(65)}`],
    ['a quarter of a megabyte', `${'a'.repeat(256 * 1024)}\n\n${line}`],
  ])('of %s is none', (_name, text) => {
    expect(code(() => readNote(Buffer.from(text)))).toBe('note')
  })

  test('that is not UTF-8 is none', () => {
    expect(code(() => readNote(Buffer.concat([Buffer.from([0xff]), Buffer.from(`a\n\n${line}`)])))).toBe('note')
  })

  test('may hold blank lines, and up to 64 signatures', () => {
    expect(readNote(Buffer.from(`a\n\nb\n\n${line.repeat(64)}`))).toMatchObject({ text: 'a\n\nb\n', signatures: { length: 64 } })
  })

  test('is not written for a text or a name that cannot be read back, nor with a key of another kind', () => {
    const privateKeyPem = ed25519.privateKey
    for (const text of ['a', 'a\u0000\n', 'a\ud800\n']) expect(code(() => writeNote(text, { name: NAME, privateKeyPem }))).toBe('note')
    for (const name of ['', 'a b', 'a+b']) expect(code(() => writeNote('a\n', { name, privateKeyPem }))).toBe('note')
    for (const wrong of [rsa.privateKey, ed25519.publicKey, 'hello'])
      expect(code(() => writeNote('a\n', { name: NAME, privateKeyPem: wrong }))).toBe('unusable-key')
    expect(code(() => open(`a\n\n${line}`, { name: NAME, publicKeyPem: rsa.publicKey }))).toBe('unusable-key')
    expect(code(() => open(`a\n\n${line}`, { name: NAME, publicKeyPem: 'hello' }))).toBe('unusable-key')
  })
})

const conformance = corpus('sigstore-conformance')

/** Checkpoints of Rekor in the bundles of Sigstore's conformance suite, and the keys of every log that one of its trusted roots names. */
function checkpoints(folder: string): readonly { readonly name: string; readonly note: string; readonly keys: readonly NoteKey[] }[] {
  const files = jsonFiles(folder).map(([path, value]) => [path, Conformance.parse(value ?? {})] as const)
  const keys = files.flatMap(([, { tlogs }]) =>
    tlogs.map((log) => `-----BEGIN PUBLIC KEY-----\n${log.publicKey.rawBytes}\n-----END PUBLIC KEY-----\n`),
  )
  return files.flatMap(([path, { verificationMaterial }]) => {
    const note = verificationMaterial?.tlogEntries?.[0]?.inclusionProof?.checkpoint?.envelope
    if (note === undefined) return []
    const names = [...new Set([...note.matchAll(/^\u2014 (\S+) /gmu)].map(([, name = '']) => name))]
    const all = names.flatMap((name) => [...new Set(keys)].map((publicKeyPem) => ({ name, publicKeyPem })))
    return [{ name: path.split('/').at(-2) ?? '', note, keys: all.filter(({ publicKeyPem }) => isOurs(publicKeyPem)) }]
  })
}

const Conformance = z.object({
  tlogs: z.array(z.object({ publicKey: z.object({ rawBytes: z.string() }) })).default([]),
  verificationMaterial: z
    .object({
      tlogEntries: z
        .array(z.object({ inclusionProof: z.object({ checkpoint: z.object({ envelope: z.string() }).optional() }).optional() }))
        .optional(),
    })
    .optional(),
})

/** Is it of a kind we read? The suite has logs with RSA keys too. */
function isOurs(publicKeyPem: string): boolean {
  return code(() => open(`a\n\n\u2014 a AAAAAAA=\n`, { name: 'a', publicKeyPem })) === 'signature'
}

describe.skipIf(conformance === null)(`checkpoints that Rekor signed${conformance === null ? absent('sigstore-conformance') : ''}`, () => {
  const found = checkpoints(conformance ?? 'agents').map(({ name, note, keys }) => ({ name, note, said: code(() => open(note, ...keys)) }))

  test('verify, by both kinds of key', () => {
    const good = found.filter(({ said }) => said === 'no error')
    expect(good.length).toBeGreaterThan(40)
    expect(good.some(({ name }) => name === 'rekor2-checkpoint-multiple-cosigs')).toBe(true)
    expect(good.some(({ note }) => note.includes('\u2014 rekor.sigstore.dev wNI9a'))).toBe(true)
    expect(good.some(({ note }) => note.startsWith('log2025'))).toBe(true)
  })

  test('do not when the suite broke them, and it broke all of these', () => {
    const bad = found.filter(({ said }) => said !== 'no error')
    expect(bad.map(({ name, said }) => `${name} ${said}`)).toEqual([
      'checkpoint-bad-keyhint_fail signature',
      'invalid-checkpoint-signature_fail signature',
      'rekor2-checkpoint-missing-log-signature_fail note',
      'rekor2-checkpoint-missing-origin_fail signature',
      'rekor2-checkpoint-missing-root-hash_fail signature',
      'rekor2-checkpoint-missing-size_fail signature',
      'rekor2-checkpoint-no-matching-signature_fail signature',
    ])
  })
})
