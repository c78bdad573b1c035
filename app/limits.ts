/** Who may use what the operator named. A name without `repositories` is everybody's. To whom it is not given, it is as if it were not there. */
import { z } from 'zod'
import type { Repository } from './release/ports.ts'

const Owner = '[A-Za-z0-9][A-Za-z0-9_-]{0,38}'
const Pattern = z
  .string()
  .regex(new RegExp(`^${Owner}/(?:\\*|[A-Za-z0-9._-]{1,100})$`), 'a repository such as acme/shop, or acme/* for all of an owner')

/** The key of every named entry. */
export const USED_BY = { repositories: z.array(Pattern).min(1).max(500).optional() }

export const KINDS = ['routers', 'metrics', 'webhooks', 'probes', 'stores'] as const
export type Kind = (typeof KINDS)[number]

/** By kind and name: who may; a name that is not here is everybody's. */
export type Limits = Readonly<Partial<Record<Kind, Readonly<Record<string, readonly string[]>>>>>

type Entries = Readonly<Record<Kind, Readonly<Record<string, { readonly repositories?: readonly string[] | undefined }>>>>

export function limitsOf(file: Entries): Limits {
  return Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      Object.fromEntries(
        Object.entries(file[kind]).flatMap(([name, { repositories }]) => (repositories === undefined ? [] : [[name, repositories]])),
      ),
    ]),
  )
}

/** As `routers.prod-proxy`: what every repository of every installation may use. */
export function openToAll(file: Readonly<Record<Kind, Readonly<Record<string, unknown>>>>, limits: Limits): readonly string[] {
  return KINDS.flatMap((kind) => Object.keys(file[kind]).flatMap((name) => (listOf(limits, kind, name) === undefined ? [`${kind}.${name}`] : [])))
}

/** @param limits undefined: not known, then nothing is refused for it */
export function mayUse(limits: Limits | undefined, kind: Kind, name: string, repository: Pick<Repository, 'owner' | 'name' | 'fullName'>): boolean {
  const list = listOf(limits, kind, name)
  if (list === undefined) return true
  const full = presentName(repository).toLowerCase()
  const all = `${full.slice(0, full.indexOf('/'))}/*`
  return list.some((pattern) => pattern.toLowerCase() === full || pattern.toLowerCase() === all)
}

/** `owner/name`, as GitHub calls it now. */
export function presentName({ owner, name, fullName }: Pick<Repository, 'owner' | 'name' | 'fullName'>): string {
  return fullName ?? `${owner}/${name}`
}

function listOf(limits: Limits | undefined, kind: Kind, name: string): readonly string[] | undefined {
  const named = limits?.[kind] ?? {}
  return Object.hasOwn(named, name) ? named[name] : undefined
}
