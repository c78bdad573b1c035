import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { EXAMPLE } from '../../../evidence/config/example.ts'
import { jsonSchemas } from '../../../evidence/model/schemas.ts'

function compile(name: string) {
  const ajv = new Ajv2020({ strict: false })
  formats.default(ajv)
  const schema = jsonSchemas().get(name)
  if (schema === undefined) throw new Error(`no schema ${name}`)
  return ajv.compile(schema)
}

test.each([...jsonSchemas().keys()])('%s is a draft 2020-12 schema that another validator compiles, and refuses what is not there', (name) => {
  const validate = compile(name)
  expect(validate({ no_such_key: 1 })).toBe(false)
})

test('another validator accepts the config that shows every key, and refuses a key nobody knows', () => {
  const validate = compile('config.json')
  const example: Record<string, unknown> = parse(EXAMPLE)
  validate(example)
  expect(validate.errors ?? []).toEqual([])
  expect(validate({ ...example, relase: 1 })).toBe(false)
  expect(validate({ version: 1 })).toBe(false)
})
