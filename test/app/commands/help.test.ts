import { expect, test } from 'vitest'
import { COMMANDS } from '../../../app/commands/command.ts'
import { help } from '../../../app/commands/help.ts'
import { parse } from '../../../app/commands/parse.ts'

test('names every command, and is none itself', () => {
  const text = help()
  for (const words of Object.values(COMMANDS)) {
    expect(text).toContain(words.usage.replaceAll('|', '\\|'))
    expect(text).toContain(words.does)
  }
  expect(parse(text)).toBeNull()
  expect(text).not.toMatch(/^\//m)
})
