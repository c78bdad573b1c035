import { describe, expect, test } from 'vitest'
import { encode } from '../locks.ts'
import { DEBIAN, digest, imageRefusal, inventoriesOf, layoutOf, pax, tar } from './images.ts'
import type { Member, Packing } from './images.ts'

const pkg = (name: string, version = '1.0.0'): string => JSON.stringify({ name, version })
const file = (path: string, content: string | Uint8Array = pkg(path.split('/').at(-2) ?? '')): Member => ({ path, content })
const A = file('app/node_modules/a/package.json')
const B = file('app/node_modules/b/package.json')

async function found(...layers: readonly (readonly Member[])[]): Promise<readonly string[]> {
  const [inventory] = await inventoriesOf(layoutOf([{ layers }]))
  return (inventory?.components ?? []).map(({ name, version }) => `${name}@${version}`)
}

test.each<Packing>(['none', 'gzip', 'zstd'])('layers packed with %s', async (packing) => {
  const [inventory] = await inventoriesOf(layoutOf([{ layers: [[A], [B]], packing }]))
  expect(inventory?.components.map(({ name }) => name)).toEqual(['a', 'b'])
})

describe('what a layer does to those below', () => {
  test.each<[string, readonly Member[], readonly string[]]>([
    ['nothing', [], ['a@1.0.0', 'b@1.0.0']],
    ['replaces a file', [file(A.path, pkg('a', '2.0.0'))], ['a@2.0.0', 'b@1.0.0']],
    ['removes a file', [file('app/node_modules/a/.wh.package.json', '')], ['b@1.0.0']],
    ['removes a folder', [file('app/node_modules/.wh.a', '')], ['b@1.0.0']],
    ['removes a folder far above', [file('.wh.app', '')], []],
    ['empties a folder', [file('app/node_modules/.wh..wh..opq', '')], []],
    [
      'empties a folder and fills it again, in any order',
      [file('app/node_modules/c/package.json'), file('app/node_modules/.wh..wh..opq', '')],
      ['c@1.0.0'],
    ],
    [
      'removes what it also brings',
      [file('app/node_modules/a/package.json', pkg('a', '3.0.0')), file('app/node_modules/.wh.a', '')],
      ['a@3.0.0', 'b@1.0.0'],
    ],
    ['puts a file where a folder was', [file('app/node_modules/a', 'x')], ['b@1.0.0']],
    ['puts a symbolic link where a folder was', [{ path: 'app', flag: '2', target: 'elsewhere' }], []],
    ['puts a folder where the file was', [{ path: 'app/node_modules/a/package.json', flag: '5' }], ['b@1.0.0']],
    [
      'lists the folders again',
      [
        { path: 'app/', flag: '5' },
        { path: 'app/node_modules/', flag: '5' },
      ],
      ['a@1.0.0', 'b@1.0.0'],
    ],
    ['removes a namesake', [file('app/node_modules/.wh.ab', '')], ['a@1.0.0', 'b@1.0.0']],
    [
      'links a file of below',
      [{ path: 'app/node_modules/c/package.json', flag: '1', target: '/app/node_modules/a/package.json' }],
      ['a@1.0.0', 'b@1.0.0'],
    ],
  ])('%s', async (_, layer, expected) => {
    expect(await found([A, B], layer)).toEqual(expected)
  })
})

describe('names', () => {
  const long = `${'d/'.repeat(100)}node_modules/a/package.json`
  test.each<[string, readonly Member[]]>([
    ['of pax', [{ path: 'x', flag: 'x', content: pax('path', long) }, file('short', pkg('a'))]],
    ['of GNU', [{ path: '././@LongLink', flag: 'L', content: `${long}\0` }, file('short', pkg('a'))]],
    ['of ustar', [{ path: 'node_modules/a/package.json', prefix: 'd/'.repeat(70).slice(0, -1), content: pkg('a') }]],
    ['with ./ and /', [file('./node_modules/a/package.json')]],
    ['after a global header', [{ path: 'g', flag: 'g', content: pax('comment', 'x') }, file('/node_modules/a/package.json')]],
  ])('%s', async (_, layer) => {
    expect(await found(layer)).toEqual(['a@1.0.0'])
  })
})

const layers = (bytes: Uint8Array, packing: Packing = 'gzip') => layoutOf([{ layers: [bytes], packing }])

describe('what it refuses', () => {
  const good = tar([A])
  const bent = (at: number, byte: number): Uint8Array => {
    const bytes = Uint8Array.from(good)
    bytes[at] = byte
    return bytes
  }
  test.each<[string, string, Uint8Array]>([
    ['image-structure', 'a path that leaves the image', tar([file('../node_modules/a/package.json')])],
    ['image-structure', 'a path that leaves it in the middle', tar([file('x/../../a')])],
    ['image-structure', 'a wrong checksum', bent(0, 0x78)],
    ['image-structure', 'half a header', good.subarray(0, 300)],
    ['image-structure', 'half a file', tar([file('node_modules/a/package.json', 'x'.repeat(600))], false).subarray(0, 1024)],
    ['image-structure', 'a size that is no number', tar([{ path: 'a', size: 'zzzzzzzzzzz\0' }])],
    ['image-structure', 'a pax header without its length', tar([{ path: 'x', flag: 'x', content: 'path=a\n' }])],
    ['image-structure', 'a pax header that is longer than it is', tar([{ path: 'x', flag: 'x', content: '99 path=a\n' }])],
    ['limit', 'a long name of a megabyte', tar([{ path: 'x', flag: 'L', content: 'x'.repeat(1 << 20) }])],
    ['limit', 'a database of 4 GB that is not there', tar([{ path: 'var/lib/dpkg/status', size: '\x80\0\0\0\0\0\0\x01\0\0\0\0' }])],
  ])('%s: %s', async (code, _, bytes) => {
    expect(await imageRefusal(layers(bytes))).toBe(code)
  })

  test('a layer of an unknown kind, and one that does not unpack', async () => {
    const files = layoutOf([{ layers: [[A]], packing: 'none' }])
    const text = (path: string) => new TextDecoder().decode(files.get(path))
    const manifestPath = `blobs/sha256/${JSON.parse(text('index.json')).manifests[0].digest.slice(7)}`
    const withType = (mediaType: string) => {
      const manifest = encode(text(manifestPath).replace('layer.v1.tar', mediaType))
      const index = encode(text('index.json').replace(/sha256:[0-9a-f]{64}","size":\d+/, `${digest(manifest)}","size":${manifest.length}`))
      return new Map(files).set(`blobs/sha256/${digest(manifest).slice(7)}`, manifest).set('index.json', index)
    }
    expect(await imageRefusal(withType('layer.v1.tar'))).toBe('taken')
    expect(await imageRefusal(withType('layer.v1.cpio'))).toBe('unsupported')
    expect(await imageRefusal(withType('layer.v1.tar+gzip'))).toBe('image-structure')
    expect(await imageRefusal(withType('layer.v1.tar+zstd'))).toBe('image-structure')
  })

  test('a layer that does not unpack to what the config says', async () => {
    const files = layoutOf([{ layers: [[A]] }])
    const other = layoutOf([{ layers: [[B]] }])
    const manifest = JSON.parse(new TextDecoder().decode([...other].find(([, bytes]) => new TextDecoder().decode(bytes).includes('"layers":['))?.[1]))
    const mine = JSON.parse(new TextDecoder().decode([...files].find(([, bytes]) => new TextDecoder().decode(bytes).includes('"layers":['))?.[1]))
    const mixed = encode({ ...mine, layers: manifest.layers })
    const all = new Map([...other, ...files]).set(`blobs/sha256/${digest(mixed).slice(7)}`, mixed)
    all.set(
      'index.json',
      encode({ manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest(mixed), size: mixed.length }] }),
    )
    expect(await imageRefusal(all)).toBe('image-digest')
  })

  test('a bomb, too many entries, too many layers, too much to keep', async () => {
    const bomb = tar([file('zeros', new Uint8Array(80 << 20))])
    expect(await imageRefusal(layers(bomb))).toBe('limit')
    expect(await imageRefusal(layers(bomb, 'none'))).toBe('taken')
    expect(await imageRefusal(layers(bomb, 'none'), { limits: { unpacked: 1 << 20 } })).toBe('limit')
    expect(await imageRefusal(layoutOf([{ layers: [[A, B]] }]), { limits: { entries: 1 } })).toBe('limit')
    expect(await imageRefusal(layoutOf([{ layers: [[A], [B]] }]), { limits: { layers: 1 } })).toBe('limit')
    expect(await imageRefusal(layoutOf([{ layers: [[A, B]] }]), { limits: { kept: 40 } })).toBe('limit')
    expect(await imageRefusal(layoutOf([{ layers: [[file('etc/os-release', DEBIAN)]] }]), { limits: { file: 10 } })).toBe('limit')
  })

  test('whatever byte of a layer is changed, the answer is an error', async () => {
    const files = layoutOf([{ layers: [[A]], packing: 'gzip' }])
    const codes = new Set<string>()
    for (const [path, bytes] of [...files].filter(([each]) => each.startsWith('blobs/')))
      for (let at = 0; at < bytes.length; at += 37) {
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ 0x55
        codes.add(await imageRefusal(new Map(files).set(path, changed)))
      }
    expect([...codes]).toEqual(['image-digest'])
  })
})
