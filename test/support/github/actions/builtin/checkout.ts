/** actions/checkout. Credentials are never kept: the input must say so, because the published default would leave the token in `.git/config`. */
import { rm } from 'node:fs/promises'
import { RunnerError } from '../error.ts'
import type { Builtin } from './builtin.ts'
import { inside } from './place.ts'

export const checkout: Builtin = {
  name: 'actions/checkout',
  commits: {
    '3d3c42e5aac5ba805825da76410c181273ba90b1': 'v7.0.1',
    '9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0': 'v7.0.0',
    df4cb1c069e1874edd31b4311f1884172cec0e10: 'v6.0.3',
  },
  inputs: { repository: '', ref: '', path: '.', 'fetch-depth': '1', 'persist-credentials': 'true' },
  check(given, where) {
    if (given['persist-credentials'] !== 'false')
      throw new RunnerError('bad-input', `${where}: set persist-credentials: false; this runner leaves no token in .git/config`)
  },
  async run({ request, sources, workspace, input, log }) {
    const own = `${request.repository.owner}/${request.repository.name}`
    const repository = input('repository') === '' ? own : input('repository')
    const depth = Number(input('fetch-depth'))
    if (!Number.isInteger(depth) || depth < 0) throw new RunnerError('bad-input', `fetch-depth ${input('fetch-depth')} is no count`)
    if (input('ref') === '' && repository !== own)
      throw new RunnerError('bad-input', `checkout of ${repository} needs a ref here; its default branch could move`)
    const destination = inside([workspace], input('path'))
    if (destination !== workspace) await rm(destination, { recursive: true, force: true })
    const ref = input('ref') === '' ? request.sha : input('ref')
    const commit = await sources.checkout(repository, ref, destination, depth)
    log.write(`checked out ${repository} at ${commit}`)
    return { ref, commit }
  },
}
