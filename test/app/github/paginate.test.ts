import { expect, test } from 'vitest'
import { z } from 'zod'
import { GitHubError } from '../../../app/github/error.ts'
import { listAll, nextOf } from '../../../app/github/paginate.ts'
import type { Client } from '../../../app/github/octokit.ts'
import { REPOSITORY, codeOf } from './scripted.ts'

/** A client whose n-th page links to what `next` says. */
function paged(next: (page: number) => string | null, items: (page: number) => unknown = (page) => [page]): Client & { pages: () => number } {
  let page = 0
  return {
    appId: 1,
    baseUrl: 'https://api.github.com',
    pages: () => page,
    async call() {
      page++
      const link = next(page)
      return { status: 200, data: items(page), headers: link === null ? {} : { link: `<${link}>; rel="next"` } }
    },
    isFull: () => false,
    asApp: async () => ({ status: 500, data: null, headers: {} }),
    plain: async () => new Uint8Array(),
  }
}

const list = { path: '/x', permissions: {}, item: z.number() }
const to = (page: number): string => `https://api.github.com/x?page=${page + 1}`

test('every page, in order', async () => {
  expect(
    await listAll(
      paged((page) => (page < 3 ? to(page) : null)),
      REPOSITORY,
      list,
    ),
  ).toEqual([1, 2, 3])
})

test('a page that is too large is asked for again in smaller ones, from the start; the smallest that is too large is said', async () => {
  const asked: unknown[] = []
  const large = (above: number): Client => ({
    ...paged(() => null),
    async call(_scope, { query, path }) {
      asked.push(query?.['per_page'] ?? path)
      if (Number(query?.['per_page'] ?? 0) > above) throw new GitHubError('too-large', 'over 8 MiB')
      return query === undefined ? { status: 200, data: [2], headers: {} } : { status: 200, data: [1], headers: { link: `<${to(1)}>; rel="next"` } }
    },
  })
  expect(await listAll(large(20), REPOSITORY, list)).toEqual([1, 2])
  expect(asked).toEqual([100, 20, to(1)])
  expect(await codeOf(listAll(large(3), REPOSITORY, list))).toBe('too-large')
  expect(asked.slice(3)).toEqual([100, 20, 4])
})

test('a cursor that repeats, another host and an endless list are refused', async () => {
  expect(
    await codeOf(
      listAll(
        paged(() => to(1)),
        REPOSITORY,
        list,
      ),
    ),
  ).toBe('malformed')
  expect(
    await codeOf(
      listAll(
        paged(() => 'https://evil.example/x'),
        REPOSITORY,
        list,
      ),
    ),
  ).toBe('malformed')
  const endless = paged(to)
  expect(await codeOf(listAll(endless, REPOSITORY, list))).toBe('too-large')
  expect(endless.pages()).toBe(200)
})

const counted = (): unknown => ({ total_count: 3, things: [1, 2] })

test('fewer items than GitHub counts is refused, unless GitHub caps the list itself', async () => {
  expect(
    await codeOf(
      listAll(
        paged(() => null, counted),
        REPOSITORY,
        { ...list, inside: 'things' },
      ),
    ),
  ).toBe('malformed')
  expect(
    await listAll(
      paged(() => null, counted),
      REPOSITORY,
      { ...list, inside: 'things', capped: 2 },
    ),
  ).toEqual([1, 2])
  expect(
    await codeOf(
      listAll(
        paged(
          () => null,
          () => ({ things: [1] }),
        ),
        REPOSITORY,
        { ...list, inside: 'things' },
      ),
    ),
  ).toBe('malformed')
})

test('an item that does not fit refuses the whole list', async () => {
  expect(
    await codeOf(
      listAll(
        paged(
          () => null,
          () => [1, 'two'],
        ),
        REPOSITORY,
        list,
      ),
    ),
  ).toBe('malformed')
})

test('a search stops at the page that has it', async () => {
  const client = paged(to)
  expect(await listAll(client, REPOSITORY, { ...list, until: (items) => items.includes(2) })).toEqual([1, 2])
  expect(client.pages()).toBe(2)
})

test('the next page is the one that is called next', () => {
  expect(nextOf('<https://a/?page=1>; rel="prev", <https://a/?page=3>; rel="next", <https://a/?page=9>; rel="last"')).toBe('https://a/?page=3')
  expect(nextOf('<https://a/?page=1>; rel="first"')).toBeNull()
  expect(nextOf(undefined)).toBeNull()
})
