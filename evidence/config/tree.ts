/** The published JSON Schema of the config as a tree: which keys a place knows, and what each is for. Derived from the zod schema, so it cannot drift. */
import { z } from 'zod'
import { Config } from '../model/config.ts'

export interface SchemaNode {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: SchemaNode | boolean
  readonly propertyNames?: SchemaNode
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly [keyword: string]: unknown
}

let tree: SchemaNode | undefined

/** Draft 2020-12, of what a person may write. */
export function configSchema(): SchemaNode {
  tree ??= z.toJSONSchema(Config, { io: 'input', target: 'draft-2020-12' }) as SchemaNode
  return tree
}

function branches(node: SchemaNode): readonly SchemaNode[] {
  return node.anyOf === undefined ? [node] : node.anyOf.flatMap(branches)
}

/** The part of the schema that speaks for a path; undefined when no key leads there. Map keys and list indexes match their `*`. */
export function nodeAt(path: readonly PropertyKey[], from: SchemaNode = configSchema()): SchemaNode | undefined {
  const [head, ...rest] = path
  if (head === undefined) return from
  for (const branch of branches(from)) {
    const named = Object.hasOwn(branch.properties ?? {}, String(head)) ? branch.properties?.[String(head)] : undefined
    const any = typeof branch.additionalProperties === 'object' ? branch.additionalProperties : undefined
    const item = typeof head === 'number' || head === '*' ? branch.items : undefined
    for (const next of [named, item, any]) {
      const found = next === undefined ? undefined : nodeAt(rest, next)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** Names a map at this path may have. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const node = nodeAt(path)
  if (node === undefined) return []
  return [
    ...new Set(
      branches(node).flatMap((branch) => [
        ...Object.keys(branch.properties ?? {}),
        ...branches(branch.propertyNames ?? {}).flatMap((names) => (names.enum ?? []).map(String)),
      ]),
    ),
  ]
}

/** Every path a person may write, `*` for map keys and list items, parents before children. */
export function allPaths(node: SchemaNode = configSchema(), path: readonly string[] = []): readonly (readonly string[])[] {
  const below = branches(node).flatMap((branch) => [
    ...Object.entries(branch.properties ?? {}).flatMap(([key, child]) => allPaths(child, [...path, key])),
    ...(typeof branch.additionalProperties === 'object' && Object.keys(branch.additionalProperties).length > 0
      ? allPaths(branch.additionalProperties, [...path, '*'])
      : []),
    ...(branch.items === undefined ? [] : allPaths(branch.items, [...path, '*'])),
  ])
  const unique = new Map([...(path.length === 0 ? [] : [path]), ...below].map((each) => [each.join('\0'), each]))
  return [...unique.values()]
}
