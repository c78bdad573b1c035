/** Places and askings of one source -> an Inventory: copies of one thing become one component, reach decides the scope, everything is sorted. */
import { digestOf } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { sortHashes } from './integrity.ts'
import type { Component, Edge, EdgeKind, Hash, Inventory, Remark, Root, Scope, Unresolved } from './inventory.ts'

export const MOST_NODES = 100_000
export const MOST_EDGES = 400_000

/** One place in the source. Several may hold the same thing. */
export interface DraftNode {
  readonly id: string
  readonly purl: string
  readonly name: string
  readonly version: string
  readonly licence: string | null
  readonly hashes: readonly Hash[]
  readonly pins?: readonly string[]
  readonly origin: string | null
  readonly bundled: boolean
  readonly local: boolean
  /** Pinned by a digest of the package manager's cache only. */
  readonly cached?: boolean
}

export interface DraftEdge {
  readonly from: string
  /** Null when the source has no such place. */
  readonly to: string | null
  readonly kind: EdgeKind
  readonly name: string
  readonly range: string | null
}

export interface Draft {
  readonly source: Inventory['source']
  readonly root: Omit<Root, 'ref'> & { readonly id: string }
  readonly nodes: readonly DraftNode[]
  readonly edges: readonly DraftEdge[]
  readonly remarks?: readonly Remark[]
}

/** Copies that do not contradict each other. */
interface Cluster {
  readonly nodes: DraftNode[]
  readonly hashes: Map<string, string>
  origin: string | null
}

const less = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** @throws SbomError `limit` */
export function assemble(draft: Draft): Inventory {
  if (draft.nodes.length > MOST_NODES) throw new SbomError('limit', `${draft.nodes.length} entries; at most ${MOST_NODES} are read`)
  if (draft.edges.length > MOST_EDGES) throw new SbomError('limit', `${draft.edges.length} dependencies; at most ${MOST_EDGES} are read`)
  const remarks: Remark[] = [...(draft.remarks ?? [])]
  const rootRef = draft.root.purl
  const reached = scopesOf(draft)
  const refs = new Map([[draft.root.id, rootRef]])
  const components: Component[] = []
  const extraneous: string[] = []
  for (const group of groupsOf(draft.nodes)) {
    const clusters = clustersOf(group)
    const purls = clusters.map((cluster) => (cluster.nodes.find((node) => node.origin !== null) ?? cluster.nodes[0])?.purl ?? '')
    for (const [at, cluster] of clusters.entries()) {
      const purl = purls[at] ?? ''
      const alone = purl !== rootRef && purls.filter((each) => each === purl).length === 1
      const component = componentOf(cluster, purl, alone, reached)
      components.push(component)
      for (const node of cluster.nodes) refs.set(node.id, component.ref)
      if (!cluster.nodes.some(({ id }) => reached.has(id))) extraneous.push(component.ref)
      if (clusters.length > 1) remarks.push({ code: 'contradiction', about: component.ref })
      // The digest of an image pins all that is in it.
      if (draft.source.kind !== 'oci') remarks.push(...remarksOf(component, cluster.nodes))
    }
  }
  for (const ref of extraneous) remarks.push({ code: 'extraneous', about: ref })
  const { edges, unresolved } = edgesOf(draft.edges, refs)
  for (const ref of extraneous) edges.push({ from: rootRef, to: ref, kind: 'optional', name: ref, range: null })
  const { purl, name, version, licence, hashes } = draft.root
  return {
    source: draft.source,
    root: { ref: rootRef, purl, name, version, licence, hashes },
    components: components.toSorted((a, b) => less(a.ref, b.ref)),
    edges: unique(edges),
    unresolved: unique(unresolved),
    remarks: unique(remarks),
  }
}

function componentOf(cluster: Cluster, purl: string, alone: boolean, reached: ReadonlyMap<string, Scope>): Component {
  const [first] = cluster.nodes
  if (first === undefined) throw new SbomError('malformed', 'a component without a place')
  const hashes = sortHashes(cluster.nodes.flatMap((node) => node.hashes))
  const pins = [...new Set(cluster.nodes.flatMap((node) => node.pins ?? []))]
  const scopes = cluster.nodes.map((node) => reached.get(node.id) ?? 'none')
  const isAsked = scopes.some((scope) => scope !== 'none')
  const ref = alone ? purl : `${purl}~${digestOf([cluster.origin, hashes, first.local]).slice(0, 12)}`
  return {
    ref,
    purl,
    name: first.name,
    version: first.version,
    licence: cluster.nodes.find((node) => node.licence !== null)?.licence ?? null,
    hashes,
    ...(pins.length === 0 ? {} : { pins }),
    scope: scopes.includes('required') ? 'required' : scopes.includes('optional') || !isAsked ? 'optional' : 'dev',
    origin: cluster.origin,
    bundled: cluster.nodes.every((node) => node.bundled),
    local: first.local,
  }
}

function remarksOf({ ref, hashes, local }: Component, copies: readonly DraftNode[]): readonly Remark[] {
  if (local) return []
  const unpinned = copies.filter((copy) => copy.hashes.length === 0 && copy.pins === undefined)
  const isWeak = hashes.length > 0 && hashes.every(({ alg }) => alg === 'MD5' || alg === 'SHA-1')
  return [
    ...(unpinned.some(({ bundled }) => bundled) ? [{ code: 'bundled', about: ref } as const] : []),
    ...(unpinned.some(({ cached }) => cached === true) ? [{ code: 'cache-checksum', about: ref } as const] : []),
    ...(unpinned.some(({ bundled, cached }) => !bundled && cached !== true) ? [{ code: 'no-integrity', about: ref } as const] : []),
    ...(isWeak ? [{ code: 'weak-integrity', about: ref } as const] : []),
  ]
}

/** Places by type, name and version. */
function groupsOf(nodes: readonly DraftNode[]): Iterable<readonly DraftNode[]> {
  const groups = new Map<string, DraftNode[]>()
  for (const node of nodes) {
    const key = `${node.purl.slice(0, node.purl.indexOf('/'))} ${node.name} ${node.version}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [node])
    else group.push(node)
  }
  return groups.values()
}

function clustersOf(group: readonly DraftNode[]): readonly Cluster[] {
  const clusters: Cluster[] = []
  const sorted =
    group.length === 1 ? group : group.toSorted((a, b) => Number(a.hashes.length === 0) - Number(b.hashes.length === 0) || less(a.id, b.id))
  for (const node of sorted) {
    let home = clusters.find((cluster) => agrees(cluster, node))
    if (home === undefined) {
      home = { nodes: [], hashes: new Map(), origin: null }
      clusters.push(home)
      if (clusters.length > 100) throw new SbomError('limit', `more than 100 different things are called ${node.name} ${node.version}`)
    }
    home.nodes.push(node)
    home.origin ??= node.origin
    for (const { alg, hex } of node.hashes) home.hashes.set(alg, hex)
  }
  return clusters
}

/** Same bytes, as far as the source says. */
function agrees(cluster: Cluster, node: DraftNode): boolean {
  if (cluster.nodes[0]?.local !== node.local) return false
  const shared = node.hashes.filter(({ alg }) => cluster.hashes.has(alg))
  if (shared.some(({ alg, hex }) => cluster.hashes.get(alg) !== hex)) return false
  return shared.length > 0 || cluster.origin === null || node.origin === null || cluster.origin === node.origin
}

/** Place -> the strongest scope by which the root reaches it. */
function scopesOf({ root, edges }: Draft): ReadonlyMap<string, Scope> {
  const out = new Map<string, DraftEdge[]>()
  for (const edge of edges) {
    const list = out.get(edge.from)
    if (list === undefined) out.set(edge.from, [edge])
    else list.push(edge)
  }
  const reached = new Map<string, Scope>([[root.id, 'required']])
  const spread = (scope: Scope, passes: (kind: EdgeKind) => boolean): void => {
    const queue = [...reached.keys()]
    for (let id = queue.pop(); id !== undefined; id = queue.pop())
      for (const { to, kind } of out.get(id) ?? []) {
        if (to === null || reached.has(to) || !passes(kind)) continue
        reached.set(to, scope)
        queue.push(to)
      }
  }
  spread('required', (kind) => kind === 'required' || kind === 'peer' || kind === 'contains')
  spread('optional', (kind) => kind !== 'dev')
  spread('dev', () => true)
  return reached
}

function edgesOf(
  drafts: readonly DraftEdge[],
  refs: ReadonlyMap<string, string>,
): { readonly edges: Edge[]; readonly unresolved: readonly Unresolved[] } {
  const edges: Edge[] = []
  const unresolved: Unresolved[] = []
  for (const { from, to, kind, name, range } of drafts) {
    const source = refs.get(from)
    const target = to === null ? undefined : refs.get(to)
    if (source === undefined) continue
    if (target !== undefined) edges.push({ from: source, to: target, kind, name, range })
    else if (kind !== 'optional' && kind !== 'peer-optional') unresolved.push({ from: source, name, range })
  }
  return { edges, unresolved }
}

function unique<Item extends object>(items: readonly Item[]): readonly Item[] {
  const keyed = new Map(items.map((item) => [Object.values(item).join('\n'), item]))
  return [...keyed.keys()].toSorted().flatMap((key) => keyed.get(key) ?? [])
}
