/** Verifies evidence packs with keys, or workflows and a trusted root, that the caller trusts. Nothing is taken from the pack, and nobody is asked. */
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { PACK_CAPS } from '../../evidence/pack/caps.ts'
import { verifyPack, type PackFault, type PackReport } from '../../evidence/pack/read.ts'
import { readWorkflow, trustOf } from '../../evidence/verify/trust.ts'
import type { Trust, TrustedKey, TrustedRoot, TrustedWorkflow } from '../../evidence/verify/verifier.ts'
import { ActionError } from '../lib/error.ts'

const MAX_KEY = 16 << 10
const MAX_ROOT = 1 << 20

export interface VerifyInputs {
  /** Files, one a line, below the workspace. */
  readonly pack: string
  /** Public keys in PEM, `id=file` or `file`, one a line. */
  readonly keys: string | null
  /** Those that may sign the manifest and what only the App states; null: any of `keys`. */
  readonly packKeys: string | null
  /** `owner/repo/.github/workflows/x.yml@<commit>`, one a line. */
  readonly workflows: string | null
  readonly issuer: string | null
  /** File. */
  readonly trustedRoot: string | null
  /** `v2.0.0`; null: any. */
  readonly version: string | null
  readonly workspace: string
}

export interface VerifiedPack {
  readonly file: string
  readonly report: PackReport | null
  readonly faults: readonly PackFault[]
}

/** @throws ActionError `bad-input`; a pack that does not verify is an answer */
export async function run(inputs: VerifyInputs): Promise<readonly VerifiedPack[]> {
  const packs = linesOf(inputs.pack)
  const [keys, packKeys] = [await keysOf(inputs, inputs.keys), await keysOf(inputs, inputs.packKeys)]
  const workflows = linesOf(inputs.workflows).map((line) => workflowOf(line, inputs.issuer))
  const root: TrustedRoot | null = inputs.trustedRoot === null ? null : { bytes: await bytesOf(inputs, inputs.trustedRoot, MAX_ROOT, 'trusted root') }
  if (keys.length === 0 && workflows.length === 0)
    throw new ActionError('bad-input', 'A pack cannot vouch for itself: give keys, or workflows with a trusted-root, from somewhere you trust.')
  if (workflows.length > 0 && root === null)
    throw new ActionError('bad-input', 'workflows sign with certificates; give the trusted-root they are checked with.')
  const trust = trustOf({ keys: [...keys, ...packKeys], workflows, root })
  const packTrust: { packTrust?: Trust } = packKeys.length > 0 ? { packTrust: trustOf({ keys: packKeys, root }) } : {}
  const expect = inputs.version === null ? {} : { expect: { version: inputs.version } }
  const answers: VerifiedPack[] = []
  for (const file of packs) {
    const zip = await bytesOf(inputs, file, PACK_CAPS.totalBytes, 'pack')
    const answer = verifyPack({ zip, trust, ...packTrust, ...expect })
    answers.push(answer.ok ? { file, report: answer.report, faults: [] } : { file, report: null, faults: answer.errors })
  }
  return answers
}

function linesOf(text: string | null): string[] {
  return (text ?? '').split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}

async function keysOf(inputs: VerifyInputs, text: string | null): Promise<TrustedKey[]> {
  const keys: TrustedKey[] = []
  for (const line of linesOf(text)) {
    const match = /^(?:([a-z][a-z0-9-]{0,63})=)?(.+)$/s.exec(line)
    const file = match?.[2] ?? line
    const publicKeyPem = (await bytesOf(inputs, file, MAX_KEY, 'public key')).toString('utf8')
    if (publicKeyPem.includes('PRIVATE KEY')) throw new ActionError('bad-input', `${file} is a private key. Verifying needs only the public one.`)
    if (!publicKeyPem.includes('-----BEGIN PUBLIC KEY-----'))
      throw new ActionError('bad-input', `${file} is no public key in PEM; it begins with BEGIN PUBLIC KEY.`)
    keys.push({ id: match?.[1] ?? file, publicKeyPem })
  }
  return keys
}

function workflowOf(line: string, issuer: string | null): TrustedWorkflow {
  const workflow = readWorkflow(line)
  if (workflow === null)
    throw new ActionError(
      'bad-input',
      'workflows names no workflow at one commit: owner/repo/.github/workflows/conduct.yml@ and 40 hex digits. A tag can be moved.',
    )
  return { ...workflow, ...(issuer === null ? {} : { issuer }) }
}

async function bytesOf({ workspace }: VerifyInputs, name: string, max: number, what: string): Promise<Buffer> {
  const path = isAbsolute(name) ? name : join(workspace, name)
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile()) throw new ActionError('bad-input', `There is no ${what} ${name.slice(0, 300)}.`)
  if (found.size > max) throw new ActionError('bad-input', `${name} has ${found.size} bytes; a ${what} has at most ${max}.`)
  return readFile(path)
}
