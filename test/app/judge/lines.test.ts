import { expect, test } from 'vitest'
import { LineError } from '../../../app/judge/error.ts'
import { ticks } from '../../../app/judge/lines.ts'

async function codeOf(text: string): Promise<string> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text)
  }
  try {
    let count = 0
    for await (const tick of ticks(input())) count += tick.t > 0 ? 1 : 0
    return `${count} ticks`
  } catch (error) {
    if (error instanceof LineError) return `${error.code} ${error.line}`
    throw error
  }
}

test.each([
  ['{"t":1}\n\r\n{"t":2}', '2 ticks'],
  ['{"t":1}\n{"t":1}', 'order 2'],
  ['{"t":1}\n{', 'malformed 2'],
  ['{"t":-1}', 'schema 1'],
  [' '.repeat(70_000), 'too-large 1'],
])('%j: %s', async (text, found) => {
  expect(await codeOf(text)).toBe(found)
})
