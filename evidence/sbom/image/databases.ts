/** What is installed in an image, by the databases of its package managers. */
import type { DraftEdge, DraftNode } from '../graph.ts'
import { isFields } from '../fields.ts'
import type { Remark } from '../inventory.ts'
import { jsonOf } from '../manifest.ts'
import { draftOfPlaces } from '../npm-lock.ts'
import { purlOf } from '../purl.ts'

export interface Found {
  readonly nodes: readonly DraftNode[]
  readonly edges: readonly DraftEdge[]
  readonly remarks: readonly Remark[]
}

export interface Distribution {
  /** `debian`, `alpine`; empty when the image does not say. */
  readonly id: string
  /** `debian-12`; undefined when the image does not say. */
  readonly release: string | undefined
}

type Files = ReadonlyMap<string, Uint8Array>
type Stanza = ReadonlyMap<string, string>

/** https://www.freedesktop.org/software/systemd/man/os-release.html */
export function distributionOf(files: Files): Distribution {
  const bytes = files.get('etc/os-release') ?? files.get('usr/lib/os-release')
  const values = new Map<string, string>()
  for (const line of decode(bytes ?? new Uint8Array()).split('\n')) {
    const match = /^([A-Z_]+)=(?:"([^"]{0,200})"|'([^']{0,200})'|([^\s"']{0,200}))\s*$/.exec(line)
    if (match?.[1] !== undefined) values.set(match[1], match[2] ?? match[3] ?? match[4] ?? '')
  }
  const id = (values.get('ID') ?? '').toLowerCase()
  const version = values.get('VERSION_ID') ?? ''
  if (!/^[a-z0-9._-]+$/.test(id)) return { id: '', release: undefined }
  return { id, release: version === '' ? undefined : `${id}-${version}` }
}

/** Debian and its kin: `status`, or one file for each package as images without a package manager have it. */
export function debPackages(files: Files, distribution: Distribution): Found {
  const stanzas: Stanza[] = []
  for (const [path, bytes] of files)
    if (/^var\/lib\/dpkg\/status(?:\.d\/(?!.*\.md5sums$).*)?$/.test(path))
      stanzas.push(
        ...stanzasOf(decode(bytes), /^([A-Za-z0-9-]+): ?(.*)$/).filter((stanza) => (stanza.get('Status') ?? ' installed').endsWith(' installed')),
      )
  return systemPackages(
    stanzas.map((stanza) => ({
      name: stanza.get('Package') ?? '',
      version: stanza.get('Version') ?? '',
      arch: stanza.get('Architecture'),
      upstream: stanza.get('Source')?.split(' ')[0],
      licence: null,
      provides: names(stanza.get('Provides'), /,/),
      asks: [stanza.get('Depends'), stanza.get('Pre-Depends')].flatMap((field) => (field ?? '').split(',').map((each) => names(each, /\|/))),
    })),
    'deb',
    distribution,
  )
}

/** Alpine. https://wiki.alpinelinux.org/wiki/Apk_spec */
export function apkPackages(files: Files, distribution: Distribution): Found {
  const bytes = files.get('lib/apk/db/installed') ?? files.get('usr/lib/apk/db/installed') ?? new Uint8Array()
  return systemPackages(
    stanzasOf(decode(bytes), /^([A-Za-z]):(.*)$/).map((stanza) => ({
      name: stanza.get('P') ?? '',
      version: stanza.get('V') ?? '',
      arch: stanza.get('A'),
      upstream: stanza.get('o'),
      licence: stanza.get('L') ?? null,
      provides: names(stanza.get('p'), / /),
      asks: names(stanza.get('D'), / /).map((name) => [name]),
    })),
    'apk',
    distribution,
  )
}

interface SystemPackage {
  readonly name: string
  readonly version: string
  readonly arch: string | undefined
  readonly upstream: string | undefined
  readonly licence: string | null
  readonly provides: readonly string[]
  /** Each is met by any of its names. */
  readonly asks: readonly (readonly string[])[]
}

function systemPackages(packages: readonly SystemPackage[], type: 'deb' | 'apk', { id, release }: Distribution): Found {
  const remarks: Remark[] = []
  const byName = new Map<string, string>()
  const good = packages.filter(({ name, version }) => /^[A-Za-z0-9.+_-]{1,200}$/.test(name) && /^[\x21-\x7e]{1,256}$/.test(version))
  if (good.length < packages.length) remarks.push({ code: 'unread', about: `${packages.length - good.length} entries of the ${type} database` })
  const idOf = ({ name, arch }: SystemPackage): string => `${type}:${name}:${arch ?? ''}`
  for (const each of good) byName.set(each.name, byName.get(each.name) ?? idOf(each))
  for (const each of good) for (const name of each.provides) byName.set(name, byName.get(name) ?? idOf(each))
  const nodes = good.map((each): DraftNode => {
    const { name, version, arch, upstream, licence } = each
    const qualifiers = { arch, distro: release, upstream: upstream === name ? undefined : upstream }
    const purl = purlOf(type, id === '' ? name : `${id}/${name}`, version, qualifiers)
    return { id: idOf(each), purl, name, version, licence, hashes: [], origin: null, bundled: false, local: false }
  })
  const edges = good.flatMap((each) =>
    each.asks.flatMap((any): readonly DraftEdge[] => {
      const met = any.find((name) => byName.has(name))
      return met === undefined ? [] : [{ from: idOf(each), to: byName.get(met) ?? null, kind: 'required', name: met, range: null }]
    }),
  )
  return { nodes, edges, remarks }
}

/** Blocks of `key: value`, with an empty line between; continued lines are not needed. */
function stanzasOf(text: string, line: RegExp): readonly Stanza[] {
  const stanzas: Map<string, string>[] = []
  let stanza: Map<string, string> | null = null
  for (const each of text.split('\n')) {
    if (each === '') stanza = null
    const match = line.exec(each)
    if (match?.[1] === undefined) continue
    if (stanza === null) stanzas.push((stanza = new Map()))
    if (!stanza.has(match[1])) stanza.set(match[1], match[2] ?? '')
  }
  return stanzas
}

/** Names without versions, architectures and negations: `libc6:any (>= 2.36)`, `so:libc.musl-x86_64.so.1=1`, `!other`. */
function names(field: string | undefined, separator: RegExp): readonly string[] {
  return (field ?? '').split(separator).flatMap((each) => {
    const word = each.trim().split(/[\s(<>=~]/)[0] ?? ''
    return word === '' || word.startsWith('!') ? [] : [word.replace(/:(?:any|native|[a-z0-9]+)$/, '')]
  })
}

/** Packages in any node_modules. One whose package.json cannot be read is remarked on. */
export function npmPackages(files: Files, path: string): Found {
  const remarks: Remark[] = []
  const places: Record<string, unknown> = {}
  for (const [file, bytes] of files) {
    if (!file.endsWith('/package.json')) continue
    const location = file.slice(0, -'/package.json'.length)
    try {
      const fields = jsonOf(bytes, file, 4 << 20)
      if (!isFields(fields) || typeof fields['version'] !== 'string') remarks.push({ code: 'unread', about: file })
      else {
        const { name, version, license, licenses, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = fields
        const place = { name, version, license, licenses, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }
        const { nodes } = draftOfPlaces({ [location]: place }, path)
        if (nodes.length === 1) places[location] = place
      }
    } catch {
      remarks.push({ code: 'unread', about: file })
    }
  }
  const { nodes, edges } = draftOfPlaces(places, path)
  return { nodes, edges, remarks }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
