/** GitHub's OpenAPI descriptions, cut to what is used (test/fixtures/github), put together again and made fit for ajv. Read once per process. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { correct, correctInstallations } from './corrections.ts'

export type Schema = Record<string, unknown>

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: Schema
}

export interface Operation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly requestBody: { readonly required?: boolean; readonly content: Record<string, { schema: Schema }> } | undefined
  readonly responses: Record<string, { readonly content?: Record<string, { schema: Schema }> }>
}

const DIR = join(import.meta.dirname, '../../../fixtures/github')

const read = (prefix: string, components: boolean): Record<string, Schema> => {
  const files = readdirSync(DIR).filter((name) => name.startsWith(prefix) && name.endsWith('.json') && name.includes('components') === components)
  return Object.assign({}, ...files.map((name) => (JSON.parse(readFileSync(join(DIR, name), 'utf8')) as { entries: object }).entries)) as Record<
    string,
    Schema
  >
}

/**
 * OpenAPI 3.0 says `nullable: true`. ajv knows it only beside `type`; with `enum` null must be listed, and beside a combinator it becomes one more branch.
 * Changes `node` in place.
 */
export const fixNullable = (node: unknown): void => {
  if (Array.isArray(node)) {
    for (const item of node) fixNullable(item)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const schema = node as Schema
  if (schema['nullable'] === true) {
    if (Array.isArray(schema['enum']) && !schema['enum'].includes(null)) schema['enum'] = [...(schema['enum'] as unknown[]), null]
    if (!schema['type']) {
      for (const key of ['anyOf', 'oneOf', 'allOf'])
        if (Array.isArray(schema[key])) {
          const branch = { [key]: schema[key] }
          delete schema[key]
          schema['anyOf'] = [branch, { type: 'null' }]
          break
        }
      delete schema['nullable']
    }
  }
  for (const value of Object.values(schema)) fixNullable(value)
}

const assemble = (prefix: string): { components: Record<string, Record<string, Schema>>; entries: Record<string, Schema> } => {
  const components: Record<string, Record<string, Schema>> = {}
  for (const [key, value] of Object.entries(read(prefix, true))) {
    const slash = key.indexOf('/')
    const section = key.slice(0, slash)
    components[section] ??= {}
    components[section][key.slice(slash + 1)] = value
  }
  const entries = read(prefix, false)
  fixNullable(components)
  fixNullable(entries)
  correct(components)
  correct(entries)
  correctInstallations(entries)
  return { components, entries }
}

export interface Contracts {
  /** Root that `#/components/...` references point into. */
  readonly components: Record<string, Record<string, Schema>>
  readonly entries: Record<string, Schema>
}

let rest: Contracts | undefined
let hooks: Contracts | undefined

export const restContracts = (): Contracts => (rest ??= assemble('rest-'))
export const hookContracts = (): Contracts => (hooks ??= assemble('hooks-'))

/** Follows one `$ref` inside `contracts`; returns the node itself when it is none. */
export const deref = (contracts: Contracts, node: Schema): Schema => {
  const ref = node['$ref']
  if (typeof ref !== 'string') return node
  const [, , section = '', name = ''] = ref.split('/')
  const found = contracts.components[section]?.[name]
  if (!found) throw new Error(`${ref} is not in test/fixtures/github; run extract.mjs again`)
  return deref(contracts, found)
}
