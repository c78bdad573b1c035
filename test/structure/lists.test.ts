import { expect, test } from 'vitest'
import { AGENTS } from '../../agents/index.ts'
import { VERBS } from '../../app/cli/commands/index.ts'
import { ACTIONS } from '../../app/cli/evidence/index.ts'
import { LOADERS } from '../../app/cli/verbs.ts'
import { events } from '../../app/webhooks/events.ts'
import { COLLECTORS } from '../../agents/collect/index.ts'
import { INPUTS } from '../../agents/collect/inputs.ts'
import { jsonSchemas } from '../../evidence/model/schemas.ts'
import { GATES } from '../../gates/index.ts'
import { filesUnder, SOURCES, text } from './tree.ts'

const camel = (kebab: string) => kebab.replaceAll(/[-_]([a-z])/g, (_, letter: string) => letter.toUpperCase())

test('the list of agents is what lies on the disk; path, name and export agree', () => {
  const onDisk = SOURCES.filter((path) => /^agents\/[^/]+\/[^/.]+\.ts$/.test(path) && /^import \{ agent \}|= agent\(/m.test(text(path)))
  expect(AGENTS.map((agent) => agent.name).toSorted()).toEqual(onDisk.map((path) => path.split('/').at(-1)?.replace('.ts', '') ?? '').toSorted())
  for (const path of onDisk) {
    const name = path.split('/').at(-1)?.replace('.ts', '') ?? ''
    expect(text(path)).toContain(`export const ${camel(name)} = agent(`)
  }
  expect(new Set(AGENTS.map((agent) => agent.id)).size).toBe(AGENTS.length)
})

test('every agent has both kinds of planted input, and no two write the same path', () => {
  for (const agent of AGENTS) expect([...new Set(agent.planted.map((planted) => planted.expected))].toSorted()).toEqual(['green', 'red'])
  const paths = AGENTS.flatMap((agent) => agent.writes)
  expect(new Set(paths).size).toBe(paths.length)
})

test('there is a collector for each kind of input', () => {
  expect(Object.keys(COLLECTORS).toSorted()).toEqual(Object.keys(INPUTS).toSorted())
})

test('the list of gates is what lies on the disk; file, id and export agree', () => {
  const onDisk = SOURCES.filter((path) => /^gates\/[^/]+\.ts$/.test(path) && /^export const \w+ = gate(?:<\w+>)?\(/m.test(text(path)))
  expect(GATES.map((gate) => `gates/${gate.id.replaceAll('_', '-')}.ts`).toSorted()).toEqual(onDisk)
  for (const gate of GATES)
    expect(text(`gates/${gate.id.replaceAll('_', '-')}.ts`)).toMatch(new RegExp(`^export const ${camel(gate.id)} = gate`, 'm'))
})

test('every gate plants what must turn red and what must stay green', () => {
  for (const gate of GATES) expect([...new Set(gate.planted().map((planted) => planted.expected))].toSorted()).toEqual(['green', 'red'])
})

test('the list of verbs is what lies on the disk, and none is both there and absent', () => {
  const onDisk = filesUnder('app/cli/commands')
    .map((path) => path.split('/').at(-1)?.replace('.ts', '') ?? '')
    .filter((name) => name !== 'index')
  expect(VERBS.map((verb) => verb.name).toSorted()).toEqual(onDisk)
  for (const verb of VERBS) expect(text(`app/cli/commands/${verb.name}.ts`)).toContain(`export const ${camel(verb.name)}: Verb`)
})

test('a verb and an action of evidence are loaded by the name they have', async () => {
  expect(VERBS.map((verb) => verb.name)).toEqual(Object.keys(LOADERS))
  for (const [name, load] of Object.entries(ACTIONS)) expect((await load()).name).toBe(name)
  const onDisk = SOURCES.filter((path) => path.startsWith('app/cli/evidence/')).flatMap((path) =>
    [...text(path).matchAll(/^export const (\w+): Action\b/gm)].map((match) => match[1] ?? ''),
  )
  expect(Object.keys(ACTIONS).map(camel).toSorted()).toEqual(onDisk.toSorted())
})

test('each event the App listens to has its file, and is in app.yml', () => {
  const subscribed = [...text('app.yml').matchAll(/^ {2}- ([a-z_]+)/gm)].map((match) => match[1] ?? '')
  const onDisk = SOURCES.filter((path) => path.startsWith('app/webhooks/') && /= webhookEvent\(/.test(text(path))).map(
    (path) => path.split('/').at(-1)?.replace('.ts', '') ?? '',
  )
  const listened = events.map((each) => each.event)
  expect(listened.toSorted()).toEqual(onDisk)
  expect(listened.filter((name) => ![...subscribed, 'installation', 'installation_repositories'].includes(name))).toEqual([])
})

test('every published schema is on the disk, and nothing else', () => {
  expect(filesUnder('evidence/schema')).toEqual([...jsonSchemas().keys()].map((name) => `evidence/schema/${name}`).toSorted())
})
