/**
 * A published CustomResourceDefinition -> what is wrong with an object by its structural schema. Unknown fields are wrong, as with strict field
 * validation. Rules in CEL are not evaluated.
 */
import { Ajv, type ValidateFunction } from 'ajv'
import { parse } from 'yaml'

type Schema = Record<string, unknown>

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where neither preserving unknown fields nor a map is asked for, what is not named is unknown. */
function strict(schema: unknown, root: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((each) => strict(each, false))
  if (!isSchema(schema)) return schema
  const { properties, items, additionalProperties, ...rest } = schema
  const kept = Object.fromEntries(
    Object.entries(rest).filter(([key]) => !key.startsWith('x-kubernetes') && key !== 'default' && key !== 'description' && key !== 'format'),
  )
  const closed = schema['x-kubernetes-preserve-unknown-fields'] !== true && additionalProperties === undefined && schema['type'] === 'object'
  return {
    ...kept,
    ...(schema['x-kubernetes-int-or-string'] === true && { type: ['integer', 'string'] }),
    ...(isSchema(properties) && { properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, strict(each, false)])) }),
    ...(items !== undefined && { items: strict(items, false) }),
    ...(additionalProperties !== undefined && { additionalProperties: strict(additionalProperties, false) }),
    // The metadata of an object is the API's own and stands in no CRD.
    ...(closed && isSchema(properties) && !root && { additionalProperties: false }),
  }
}

export interface Crd {
  /** In words; empty when it holds. */
  problems(object: unknown): readonly string[]
}

/** @param text of the YAML @param version such as v1 */
export function crdOf(text: string, version: string): Crd {
  const definition = parse(text) as { spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] } }
  const schema = definition.spec.versions.find(({ name }) => name === version)?.schema.openAPIV3Schema
  if (schema === undefined) throw new Error(`this CRD has no version ${version}`)
  const validate: ValidateFunction = new Ajv({ strict: false, allErrors: true }).compile(strict(schema, true) as Schema)
  return {
    problems(object) {
      return validate(object)
        ? []
        : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`)
    },
  }
}
