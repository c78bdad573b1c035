/** What a key of the config is for: its meaning, its default, an example, and whether anything acts on it yet. */
import { isBuilt } from './built.ts'
import { exampleOf } from './issues.ts'
import { nodeAt } from './tree.ts'
import type { SchemaNode } from './tree.ts'

export interface KeyExplanation {
  readonly key: string
  readonly description: string
  readonly type: string
  readonly required: boolean
  /** JSON of the default; undefined when there is none. */
  readonly default?: unknown
  readonly example: string
  readonly built: boolean
  /** Names of the keys below. */
  readonly keys: readonly string[]
}

function typeOf(node: SchemaNode): string {
  if (node.const !== undefined) return JSON.stringify(node.const)
  if (node.enum !== undefined) return node.enum.map(String).join(' | ')
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(', or ')
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {})}`
  if (node.type === 'object') return 'map'
  return String(node.type ?? 'anything')
}

/** `environments.prod.steps` -> its explanation; undefined when there is no such key. */
export function explainKey(key: string): KeyExplanation | undefined {
  const path = key === '' ? [] : key.replaceAll(/\[(\d+|\*)\]/g, '.*').split('.')
  const node = nodeAt(path)
  if (node === undefined) return undefined
  const parent = nodeAt(path.slice(0, -1))
  const below = node.items ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : node)
  const keys = Object.keys(below.properties ?? node.properties ?? {})
  return {
    key,
    description: node.description ?? parent?.description ?? '',
    type: typeOf(node),
    required: parent?.required?.includes(path.at(-1) ?? '') ?? false,
    ...(node.default === undefined ? {} : { default: node.default }),
    example: exampleOf(path),
    built: path.length === 0 || isBuilt(path),
    keys,
  }
}
