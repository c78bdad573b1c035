import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assemble, MOST_EDGES, MOST_NODES } from '../../../evidence/sbom/graph.ts'
import type { DraftEdge, DraftNode } from '../../../evidence/sbom/graph.ts'
import type { EdgeKind, Inventory } from '../../../evidence/sbom/inventory.ts'
import { hex, refusedWith } from './locks.ts'

function node(id: string, more: Partial<DraftNode> = {}): DraftNode {
  const name = more.name ?? id
  return {
    id,
    purl: `pkg:npm/${name}@1.0.0`,
    name,
    version: '1.0.0',
    licence: null,
    hashes: [{ alg: 'SHA-512', hex: hex(name) }],
    origin: null,
    bundled: false,
    local: false,
    ...more,
  }
}
function edge(from: string, to: string | null, kind: EdgeKind = 'required', name = to ?? 'gone'): DraftEdge {
  return { from, to, kind, name, range: '*' }
}
function inventory(nodes: readonly DraftNode[], edges: readonly DraftEdge[]): Inventory {
  const root = { id: '', purl: 'pkg:npm/app@1.0.0', name: 'app', version: '1.0.0', licence: null, hashes: [] }
  return assemble({ source: { kind: 'npm', path: 'x', sha256: '0'.repeat(64) }, root, nodes, edges })
}
const scopes = ({ components }: Inventory) => components.map(({ name, scope }) => `${name} ${scope}`)

describe('scope', () => {
  test('a circle does not hold itself up', () => {
    const result = inventory([node('a'), node('b')], [edge('a', 'b'), edge('b', 'a')])
    expect(scopes(result)).toEqual(['a optional', 'b optional'])
    expect(result.remarks.map(({ code }) => code)).toEqual(['extraneous', 'extraneous'])
    expect(result.edges.filter(({ from }) => from === result.root.ref).map(({ kind }) => kind)).toEqual(['optional', 'optional'])
  })

  test.each<[readonly EdgeKind[], string]>([
    [['required', 'required'], 'b required'],
    [['required', 'peer'], 'b required'],
    [['required', 'optional'], 'b optional'],
    [['required', 'peer-optional'], 'b optional'],
    [['optional', 'required'], 'b optional'],
    [['dev', 'required'], 'b dev'],
    [['required', 'dev'], 'b dev'],
    [['optional', 'dev'], 'b dev'],
  ])('by way of %j', ([first, second], expected) => {
    expect(scopes(inventory([node('a'), node('b')], [edge('', 'a', first), edge('a', 'b', second)]))[1]).toBe(expected)
  })

  test('of several copies the strongest counts', () => {
    const result = inventory([node('x/a', { name: 'a' }), node('y/a', { name: 'a' })], [edge('', 'x/a', 'dev'), edge('', 'y/a')])
    expect(scopes(result)).toEqual(['a required'])
  })
})

const digest = (seed: string) => [{ alg: 'SHA-512', hex: hex(seed) }] as const
const copies = (...each: readonly Partial<DraftNode>[]) => {
  const nodes = each.map((more, at) => node(`${at}/a`, { name: 'a', ...more }))
  return inventory(
    nodes,
    nodes.map(({ id }) => edge('', id)),
  ).components
}

describe('copies', () => {
  test.each<[string, readonly Partial<DraftNode>[], number]>([
    ['the same digest', [{ hashes: digest('1') }, { hashes: digest('1') }], 1],
    ['the same digest from two mirrors', [{ origin: 'https://x/a.tgz' }, { origin: 'https://y/a.tgz' }], 1],
    ['one without a digest and a place', [{}, { hashes: [] }], 1],
    ['one without a digest, from elsewhere', [{ origin: 'https://x/a.tgz' }, { hashes: [], origin: 'https://y/a.tgz' }], 2],
    [
      'two digests of different algorithms from one place',
      [{ origin: 'https://x/a.tgz' }, { origin: 'https://x/a.tgz', hashes: [{ alg: 'SHA-1', hex: hex('a', 'sha1') }] }],
      1,
    ],
    ['other bytes', [{ hashes: digest('1') }, { hashes: digest('2') }], 2],
    ['three of which two agree', [{ hashes: digest('1') }, { hashes: digest('2') }, { hashes: digest('1') }], 2],
    ['a folder of the project and a package', [{}, { local: true, hashes: [] }], 2],
  ])('%s', (_, each, expected) => {
    const components = copies(...each)
    expect(components).toHaveLength(expected)
    expect(new Set(components.map(({ ref }) => ref)).size).toBe(expected)
  })

  test('a component has all digests, the first licence and the first place of its copies', () => {
    expect(
      copies({ origin: 'https://x/a.tgz' }, { origin: 'https://x/a.tgz', licence: 'MIT', hashes: [{ alg: 'SHA-1', hex: hex('a', 'sha1') }] })[0],
    ).toMatchObject({
      hashes: [{ alg: 'SHA-1' }, { alg: 'SHA-512' }],
      licence: 'MIT',
      origin: 'https://x/a.tgz',
    })
  })

  test('more than a hundred different things of one name are refused', () => {
    expect(refusedWith(() => copies(...Array.from({ length: 101 }, (_, at) => ({ hashes: digest(String(at)) }))))).toBe('limit')
  })
})

test('what is asked for and not there is named, unless it may be absent', () => {
  const kinds: readonly EdgeKind[] = ['required', 'optional', 'dev', 'peer', 'peer-optional']
  const { unresolved } = inventory(
    [],
    kinds.map((kind) => edge('', null, kind, kind)),
  )
  expect(unresolved.map(({ name }) => name)).toEqual(['dev', 'peer', 'required'])
})

test('too much of anything is refused', () => {
  expect(
    refusedWith(() =>
      inventory(
        Array.from({ length: MOST_NODES + 1 }, () => node('a')),
        [],
      ),
    ),
  ).toBe('limit')
  expect(
    refusedWith(() =>
      inventory(
        [],
        Array.from({ length: MOST_EDGES + 1 }, () => edge('', null)),
      ),
    ),
  ).toBe('limit')
})

test('the order of places and askings does not matter', () => {
  const nodes = ['a', 'b', 'c', 'x/a', 'y/a'].map((id) =>
    node(id, { name: id.split('/').at(-1) ?? id, hashes: [{ alg: 'SHA-512', hex: hex(id === 'y/a' ? 'other' : 'a') }] }),
  )
  const edges = [edge('', 'a', 'dev'), edge('a', 'b'), edge('', 'c', 'optional'), edge('c', 'x/a'), edge('b', 'y/a'), edge('b', null)]
  const expected = inventory(nodes, edges)
  fc.assert(
    fc.property(fc.shuffledSubarray(nodes, { minLength: 5 }), fc.shuffledSubarray(edges, { minLength: 6 }), (someNodes, someEdges) => {
      expect(inventory(someNodes, someEdges)).toEqual(expected)
    }),
    { numRuns: 50 },
  )
})
