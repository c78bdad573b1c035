/** Every built-in action, found by `owner/name@<commit>`. */
import { RunnerError } from '../error.ts'
import { SHA } from '../sources.ts'
import type { Builtin } from './builtin.ts'
import { checkout } from './checkout.ts'
import { downloadArtifact } from './download-artifact.ts'
import { setupNode } from './setup-node.ts'
import { uploadArtifact } from './upload-artifact.ts'

const ALL: readonly Builtin[] = [checkout, uploadArtifact, downloadArtifact, setupNode]

/** @throws RunnerError `not-pinned`, `unknown-action`, `unknown-input` */
export function known(uses: string, given: Readonly<Record<string, string>>, where: string): Builtin {
  const [name = '', ref = ''] = uses.split('@')
  const found = ALL.find((builtin) => builtin.name === name)
  if (found === undefined)
    throw new RunnerError('unknown-action', `${where}: this runner does not have ${uses}; it has ${ALL.map((builtin) => builtin.name).join(', ')}`)
  if (!SHA.test(ref)) throw new RunnerError('not-pinned', `${where} uses ${uses}: pin it to a commit of 40 hex digits`)
  if (found.commits[ref] === undefined) {
    const commits = Object.entries(found.commits).map(([sha, version]) => `${sha} (${version})`)
    throw new RunnerError('unknown-action', `${where}: ${uses} is not a commit this runner knows; it knows ${commits.join(', ')}`)
  }
  for (const input of Object.keys(given))
    if (found.inputs[input] === undefined) throw new RunnerError('unknown-input', `${where}: this runner does not know input ${input} of ${name}`)
  found.check?.({ ...found.inputs, ...given }, where)
  return found
}
