/**
 * The key check that the published schemas do not do: GitHub's descriptions allow any extra key, so a misspelt optional key passes ajv. Here a key is
 * known when some branch of the schema names it; an object schema that names no key at all is free-form.
 */
import { deref, type Contracts, type Schema } from './document.ts'

const branches = (contracts: Contracts, node: Schema, depth = 0): Schema[] => {
  const schema = deref(contracts, node)
  if (depth > 8) return [schema]
  const below = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => (Array.isArray(schema[key]) ? (schema[key] as Schema[]) : []))
  return [schema, ...below.flatMap((one) => branches(contracts, one, depth + 1))]
}

/** JSON pointers of the keys in `data` that no branch of the schemas knows; at most 20. */
export const unknownKeys = (contracts: Contracts, schemas: readonly Schema[], data: unknown, at = ''): string[] => {
  const all = schemas.flatMap((one) => branches(contracts, one))
  if (Array.isArray(data)) {
    const items = all.flatMap((one) => (typeof one['items'] === 'object' && one['items'] !== null ? [one['items'] as Schema] : []))
    return items.length === 0 ? [] : data.flatMap((value, index) => unknownKeys(contracts, items, value, `${at}/${index}`)).slice(0, 20)
  }
  if (typeof data !== 'object' || data === null) return []
  const objects = all.filter(
    (one) => one['properties'] !== undefined || one['additionalProperties'] !== undefined || one['patternProperties'] !== undefined,
  )
  if (objects.length === 0) return []
  const found: string[] = []
  for (const [key, value] of Object.entries(data)) {
    const next: Schema[] = []
    let open = false
    for (const one of objects) {
      const property = (one['properties'] as Record<string, Schema> | undefined)?.[key]
      if (property) next.push(property)
      else if (typeof one['additionalProperties'] === 'object' && one['additionalProperties'] !== null)
        next.push(one['additionalProperties'] as Schema)
      else if (one['additionalProperties'] === true) open = true
    }
    if (next.length > 0) found.push(...unknownKeys(contracts, next, value, `${at}/${key}`))
    else if (!open) found.push(`${at}/${key}`)
  }
  return found.slice(0, 20)
}
