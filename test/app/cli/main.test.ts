import { describe, expect, test } from 'vitest'
import { VERBS } from '../../../app/cli/commands/index.ts'
import { cli } from './harness.ts'

test('no command, help and --help show the overview', async () => {
  for (const args of [[], ['help'], ['--help'], ['-h']]) {
    const { exit, out } = await cli(args)
    expect(exit).toBe(0)
    for (const verb of VERBS) expect(out).toContain(verb.summary)
    expect(out).toContain('indeterminate: nothing was proven')
  }
})

describe.each(VERBS.map((verb) => [verb.name, verb] as const))('%s', (name, verb) => {
  test('its help teaches with examples', async () => {
    const { exit, out } = await cli([name, '--help'])
    expect(exit).toBe(0)
    expect(out).toContain(`release-conductor ${name}`)
    expect(verb.examples.length).toBeGreaterThan(0)
    for (const [command] of verb.examples) expect(out).toContain(command)
    expect(Object.keys(verb.meaning).toSorted()).toEqual(Object.keys(verb.options).toSorted())
    expect(await cli(['help', name])).toEqual({ exit, out, err: '' })
  })

  test('an option it does not have is refused, as text and as data', async () => {
    const words = Array.from({ length: verb.words.least }, () => 'x')
    const refused = await cli([name, ...words, '--no-such-option'])
    expect(refused.exit).toBe(2)
    expect(refused.err).toContain('--no-such-option')
    const data = await cli([name, ...words, '--no-such-option', '--json'])
    expect(JSON.parse(data.out)).toMatchObject({ error: { code: 'usage' } })
    expect(data.exit).toBe(2)
  })

  test('too many words are refused', async () => {
    expect((await cli([name, 'a', 'b', 'c', 'd'])).exit).toBe(2)
  })
})

test('a misspelt command names the right one, an unknown one the help', async () => {
  expect((await cli(['validat'])).err).toContain('release-conductor validate')
  const unknown = await cli(['xyzzy'])
  expect([unknown.exit, unknown.err.includes('There is no command `xyzzy`')]).toEqual([2, true])
})

test('a misspelt option names the right one', async () => {
  expect((await cli(['validate', '--phas=P0'])).err).toContain('Did you mean --phase?')
})

test('text from outside cannot move the cursor of whoever reads it', async () => {
  const { err } = await cli(['\u001b[2Jx'])
  expect(err).not.toContain('\u001b')
})
