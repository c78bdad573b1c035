/** actions/setup-node: nothing is installed; the Node that runs the tests must be the one asked for. */
import { readFile } from 'node:fs/promises'
import { RunnerError } from '../error.ts'
import type { Builtin } from './builtin.ts'
import { inside } from './place.ts'

export const setupNode: Builtin = {
  name: 'actions/setup-node',
  commits: { '820762786026740c76f36085b0efc47a31fe5020': 'v7.0.0', '249970729cb0ef3589644e2896645e5dc5ba9c38': 'v6.5.0' },
  inputs: { 'node-version': '', 'node-version-file': '', 'package-manager-cache': 'true' },
  async run({ workspace, input }) {
    const file = input('node-version-file')
    const wanted = (file === '' ? input('node-version') : await readFile(inside([workspace], file), 'utf8')).trim().replace(/^v/, '')
    const have = process.version.slice(1)
    const match = /^(\d+)(?:\.(\d+|x))?(?:\.(\d+|x))?$/.exec(wanted)
    if (match === null) throw new RunnerError('bad-input', `node-version ${wanted} is not a version this runner understands`)
    const fits = match.slice(1).every((part, index) => part === undefined || part === 'x' || part === have.split('.')[index])
    if (!fits) throw new RunnerError('step-failed', `node ${wanted} is asked for, this runner has ${have}`)
    return { 'node-version': `v${have}`, 'cache-hit': 'false' }
  },
}
