/**
 * A lock file against the package.json beside it. `npm ci` refuses such a pair; other package managers install something that neither file says. Answers with
 * a sentence for each disagreement, none when they agree.
 */
import { CoreError } from '../core/error.ts'
import { SbomError } from './error.ts'
import type { Component, Edge, Inventory } from './inventory.ts'
import { readManifest } from './manifest.ts'
import type { Asking, Manifest } from './manifest.ts'
import { isWithin, type Ranges } from './range.ts'

const MOST = 100

type Bent = Manifest['bent']

/** @param manifest bytes of package.json */
export function disagreements(inventory: Inventory, manifest: Uint8Array): string[] {
  let project: Manifest
  try {
    project = readManifest(manifest)
  } catch (error) {
    if (error instanceof SbomError || error instanceof CoreError) return [error.message]
    throw error
  }
  const { root, edges } = inventory
  const ranges: Ranges = new Map()
  const components = new Map(inventory.components.map((component) => [component.ref, component]))
  const own = new Map(edges.filter(({ from, to, name }) => from === root.ref && name !== to).map((edge) => [edge.name, edge]))
  return [
    ...namesOf(inventory, project),
    ...project.asks
      .filter((ask) => own.has(ask.name) || !mayMiss(ask, inventory))
      .flatMap((ask) => unmet(ask, own.get(ask.name), components, project.bent, ranges)),
    ...unasked(own, components, project),
    ...missing(inventory, own, project.bent),
    ...edges.filter(({ from }) => from !== root.ref).flatMap((edge) => broken(edge, components, project.bent, ranges)),
  ].slice(0, MOST)
}

function namesOf({ root }: Inventory, project: Manifest): readonly string[] {
  return (['name', 'version'] as const).flatMap((key) => {
    const said = project[key]
    return said === null || root[key] === '' || root[key] === said ? [] : [`the lock file is for ${key} ${root[key]}, package.json says ${said}`]
  })
}

/** Only npm installs the project's own peers in any case. */
function mayMiss({ kind }: Asking, { source }: Inventory): boolean {
  return kind === 'optional' || kind === 'peer-optional' || (kind === 'peer' && source.kind !== 'npm')
}

function unmet(ask: Asking, edge: Edge | undefined, components: ReadonlyMap<string, Component>, bent: Bent, ranges: Ranges): readonly string[] {
  if (edge === undefined) return [`package.json asks for ${ask.name}@${ask.range}; the lock file does not hold it`]
  if (bent.has(ask.name) || components.get(edge.to)?.local === true) return []
  if (edge.range !== null && edge.range !== ask.range)
    return [`package.json asks for ${ask.name}@${ask.range}; the lock file was made for ${edge.range}`]
  if (edge.kind !== ask.kind && isDev(edge) !== isDev(ask)) return [`package.json names ${ask.name} as ${ask.kind}, the lock file as ${edge.kind}`]
  return broken(edge, components, bent, ranges)
}

function isDev({ kind }: { readonly kind: string }): boolean {
  return kind === 'dev'
}

/** What the lock file holds for the project itself, though package.json does not ask. */
function unasked(own: ReadonlyMap<string, Edge>, components: ReadonlyMap<string, Component>, { asks }: Manifest): readonly string[] {
  const asked = new Set(asks.map(({ name }) => name))
  return [...own.values()].flatMap(({ name, to, range }) =>
    asked.has(name) || components.get(to)?.local === true
      ? []
      : [`the lock file holds ${name}@${range ?? ''} for the project; package.json does not ask for it`],
  )
}

function missing({ root, unresolved, components }: Inventory, own: ReadonlyMap<string, Edge>, bent: Bent): readonly string[] {
  const names = new Map(components.map(({ ref, name, version }) => [ref, `${name}@${version}`]))
  return unresolved.flatMap(({ from, name, range }) =>
    bent.has(name) || (from === root.ref && !own.has(name))
      ? []
      : [`${names.get(from) ?? root.name} asks for ${name}@${range ?? ''}; the lock file does not hold it`],
  )
}

/** A version outside the range that asks for it. Peers are left to the package manager, which may be told to look away; so is what an override bends. */
function broken({ from, to, kind, name, range }: Edge, components: ReadonlyMap<string, Component>, bent: Bent, ranges: Ranges): readonly string[] {
  const component = components.get(to)
  if (component === undefined || component.local || component.version === '' || range === null || kind === 'peer' || kind === 'peer-optional')
    return []
  const wanted = range.replace(/^npm:(?:.+@)?/, '')
  if (bent.has(name) || bent.has(component.name) || isWithin(component.version, wanted, ranges)) return []
  return [`${components.get(from)?.name ?? 'the project'} asks for ${name}@${range}; the lock file holds ${component.version}`]
}
