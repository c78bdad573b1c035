/** SBOMs of an image that other tools made: umoci its layers, skopeo its archives, dpkg and npm what is installed in it. Each of them says what is there. */
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NETWORK } from '../support/network.ts'
import { ended, tool } from '../support/tools.ts'

const TOOLS = ['umoci', 'skopeo', 'dpkg', 'dpkg-deb', 'dpkg-query', 'npm'] as const
/** npm downloads; RC_TOOLS says that this is wanted. */
const ALL = process.env['RC_TOOLS'] === undefined || TOOLS.some((name) => tool(name) === null) ? null : TOOLS
const CLI = join(import.meta.dirname, '../../app/cli/bin.ts')

/** Alpine's `installed`, which no tool here writes. */
const APK = [
  'C:Q1nQvz5XJzU5v9F1bEcu0Wb4fNlvM=\nP:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\np:so:libc.musl-x86_64.so.1=1\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\n',
  'C:Q1Bxdv9yQpJcgkbXUg3ULzQmXmFhQ=\nP:busybox\nV:1.36.1-r29\nA:x86_64\nL:GPL-2.0-only\no:busybox\nD:so:libc.musl-x86_64.so.1\nF:bin\nR:busybox\n',
].join('\n')

const dpkgAt = (root: string): readonly string[] => [`--root=${root}`, '--force-not-root', '--force-script-chrootless', '--log=/dev/null']

interface Document {
  readonly packages: readonly {
    readonly SPDXID: string
    readonly name: string
    readonly versionInfo?: string
    readonly externalRefs: readonly { readonly referenceLocator: string }[]
  }[]
  readonly relationships: readonly { readonly spdxElementId: string; readonly relatedSpdxElement: string; readonly relationshipType: string }[]
}

describe.skipIf(ALL === null)('an image of umoci and skopeo (skipped without RC_TOOLS, or where a tool is absent)', () => {
  let folder = ''
  let root = ''
  let outs = 0
  /** What dpkg and npm say is installed: before and after something was taken out again. */
  const said: (readonly string[])[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-image-'))
    root = join(folder, 'bundle/rootfs')
    await run('umoci', 'init', '--layout=image')
    await run('umoci', 'new', '--image=image:shop')
    await run('umoci', 'unpack', '--rootless', '--image=image:shop', 'bundle')
    await put('etc/os-release', 'ID=debian\nVERSION_ID="12"\n')
    await put('var/lib/dpkg/status', '')
    await mkdir(join(root, 'var/lib/dpkg/info'))
    await mkdir(join(root, 'var/lib/dpkg/updates'))
    await deb('Package: base\nVersion: 1:1.0-2+deb12u1\nArchitecture: amd64')
    await deb('Package: tool\nVersion: 2.0~rc1-1\nArchitecture: all\nDepends: base (>= 1:1.0)\nSource: tool-src (0.9)')
    await deb('Package: gone\nVersion: 3.0\nArchitecture: amd64')
    await layer()
    await put('lib/apk/db/installed', APK)
    await layer()
    await put('app/package.json', '{"name":"shop","version":"2.0.0"}')
    await run('npm', 'install', '--prefix', join(root, 'app'), '--ignore-scripts', '--silent', 'semver@7.5.4', 'chalk@4.1.2')
    await layer()
    await run('skopeo', ...copy, 'oci:image:shop', 'oci-archive:before.tar:shop')
    said.push(await installed())
    await run('dpkg', ...dpkgAt(root), '--purge', 'gone')
    await run('npm', 'uninstall', '--prefix', join(root, 'app'), '--silent', 'chalk')
    await layer()
    await run('skopeo', ...copy, 'oci:image:shop', 'oci-archive:after.tar:shop')
    await run('skopeo', ...copy, '--dest-compress-format=zstd', 'oci:image:shop', 'oci:zstd:shop')
    said.push(await installed())
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  const copy = ['--insecure-policy', 'copy', '--quiet']

  async function run(name: (typeof TOOLS)[number], ...args: readonly string[]): Promise<string> {
    const { code, out, err } = await ended(tool(name) ?? '', args, { cwd: folder, env: NETWORK })
    if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${err}`)
    return out
  }

  async function put(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }

  async function deb(control: string): Promise<void> {
    const made = join(folder, 'deb')
    await rm(made, { recursive: true, force: true })
    await mkdir(join(made, 'DEBIAN'), { recursive: true })
    await writeFile(join(made, 'DEBIAN/control'), `${control}\nMaintainer: Shop <shop@example.com>\nDescription: for a test\n`)
    await run('dpkg-deb', '--root-owner-group', '--build', made, 'one.deb')
    await run('dpkg', ...dpkgAt(root), '--install', 'one.deb')
  }

  const layer = (): Promise<string> => run('umoci', 'repack', '--refresh-bundle', '--image=image:shop', 'bundle')

  /** name version, as dpkg and npm have it, and Alpine's two. */
  async function installed(): Promise<readonly string[]> {
    const debs = await run(
      'dpkg-query',
      `--admindir=${join(root, 'var/lib/dpkg')}`,
      '--show',
      '--showformat=${db:Status-Status} ${Package} ${Version}\\n',
    )
    const tree = JSON.parse(await run('npm', 'ls', '--prefix', join(root, 'app'), '--all', '--json')) as Tree
    const present = debs.split('\n').flatMap((line) => /^installed (.+)$/.exec(line)?.[1] ?? [])
    return [...new Set([...present, ...namesIn(tree), 'musl 1.2.5-r0', 'busybox 1.36.1-r29'])].toSorted()
  }

  async function sbomOf(image: string): Promise<{ readonly document: Document; readonly packages: readonly string[] }> {
    const out = join(folder, `out-${(outs += 1)}`)
    const answer = await ended(process.execPath, [CLI, 'evidence', 'sbom', `--image=${image}`, `--out=${out}`, '--name=shop'], { cwd: folder })
    if (answer.code !== 0) throw new Error(answer.err)
    const document = JSON.parse(await readFile(join(out, 'shop.spdx.json'), 'utf8')) as Document
    const [, ...rest] = document.packages.toSorted((a, b) => Number(isImage(b)) - Number(isImage(a)))
    return { document, packages: rest.map(({ name, versionInfo }) => `${name} ${versionInfo}`).toSorted() }
  }

  test.each([
    ['before.tar', 0, ['chalk 4.1.2', 'gone 3.0']],
    ['after.tar', 1, []],
    ['image', 1, []],
    ['zstd', 1, []],
  ] as const)('%s holds exactly what was put in and not taken out', async (image, at, more) => {
    const { packages } = await sbomOf(image)
    expect(packages).toEqual(said[at])
    expect(packages).toEqual(
      expect.arrayContaining([
        'base 1:1.0-2+deb12u1',
        'tool 2.0~rc1-1',
        'busybox 1.36.1-r29',
        'semver 7.5.4',
        'lru-cache 6.0.0',
        'yallist 4.0.0',
        ...more,
      ]),
    )
    for (const gone of ['chalk', 'gone']) expect(packages.some((each) => each.startsWith(`${gone} `))).toBe(more.length > 0)
  })

  test('the layers are four, packed with gzip, and with zstd where skopeo was asked for it', async () => {
    for (const [image, type] of [
      ['image', 'application/vnd.oci.image.layer.v1.tar+gzip'],
      ['zstd', 'application/vnd.oci.image.layer.v1.tar+zstd'],
    ]) {
      const { layers } = JSON.parse(await run('skopeo', 'inspect', '--raw', `oci:${image}:shop`)) as { layers: { mediaType: string }[] }
      expect(layers.map(({ mediaType }) => mediaType)).toEqual(Array<string>(4).fill(type ?? ''))
    }
  })

  test('who asks for whom, and under which name each is known', async () => {
    const { document } = await sbomOf('image')
    const named = new Map(document.packages.map(({ SPDXID, name }) => [SPDXID, name]))
    const edges = document.relationships
      .filter(({ relationshipType }) => relationshipType === 'DEPENDENCY_OF')
      .map(({ spdxElementId, relatedSpdxElement }) => `${named.get(relatedSpdxElement)} -> ${named.get(spdxElementId)}`)
    expect(edges.toSorted()).toEqual(['busybox -> musl', 'lru-cache -> yallist', 'semver -> lru-cache', 'tool -> base'])
    expect(document.packages.flatMap(({ externalRefs }) => externalRefs.map(({ referenceLocator }) => referenceLocator))).toEqual(
      expect.arrayContaining([
        'pkg:deb/debian/base@1:1.0-2%2Bdeb12u1?arch=amd64&distro=debian-12',
        'pkg:deb/debian/tool@2.0~rc1-1?arch=all&distro=debian-12&upstream=tool-src',
        'pkg:npm/semver@7.5.4',
      ]),
    )
  })

  test('the image is named by the digest that skopeo gives it', async () => {
    const digest = (await run('skopeo', 'inspect', '--format={{.Digest}}', 'oci:image:shop')).trim()
    const { document } = await sbomOf('image')
    expect(document.packages.find(isImage)?.versionInfo).toBe(digest)
  })

  test('a layer with one byte more is refused', async () => {
    await run('skopeo', ...copy, 'oci:image:shop', 'oci:bent:shop')
    const manifest = JSON.parse(await run('skopeo', 'inspect', '--raw', 'oci:bent:shop')) as { layers: { digest: string }[] }
    await appendFile(join(folder, 'bent/blobs', (manifest.layers[0]?.digest ?? '').replace(':', '/')), 'x')
    await expect(sbomOf('bent')).rejects.toThrow(/image-digest/)
  })
})

interface Tree {
  readonly dependencies?: Readonly<Record<string, Tree & { readonly version?: string }>>
}

function namesIn({ dependencies = {} }: Tree): readonly string[] {
  return Object.entries(dependencies).flatMap(([name, tree]) => [`${name} ${tree.version ?? ''}`, ...namesIn(tree)])
}

function isImage({ externalRefs }: Document['packages'][number]): boolean {
  return externalRefs.some(({ referenceLocator }) => referenceLocator.startsWith('pkg:oci/'))
}
