/** Whom a user trusts, from the options of a call: keys, workflows at one commit, and the trusted root for them. Nothing comes from the pack. */
import { readWorkflow, trustOf } from '../../../evidence/verify/trust.ts'
import type { Trust, TrustedWorkflow } from '../../../evidence/verify/verifier.ts'
import { CliError } from '../error.ts'
import type { Call } from '../verb.ts'
import type { Action } from './action.ts'
import { publicKeyOf, trustedRootOf } from './files.ts'

export const TRUST_OPTIONS = {
  key: { type: 'string', multiple: true },
  'pack-key': { type: 'string', multiple: true },
  workflow: { type: 'string', multiple: true },
  issuer: { type: 'string' },
  'trusted-root': { type: 'string' },
} as const satisfies Action['options']

export const TRUST_MEANING = {
  key: 'public key that may sign; repeat it for each',
  'pack-key': 'public key that may sign the manifest; without it any --key or --workflow may',
  workflow: 'workflow that may sign without a key, owner/repo/.github/workflows/x.yml@<commit>; repeat it for each',
  issuer: 'who issues the identities of these workflows; default: GitHub Actions of github.com',
  'trusted-root': 'trusted_root.json of the Sigstore instance whose certificates, logs and clocks count, from somewhere you trust',
} as const satisfies Record<keyof typeof TRUST_OPTIONS, string>

/** @throws CliError `usage`, `not-found` */
export async function trustOfCall(call: Call): Promise<{ readonly trust: Trust; readonly packTrust?: Trust }> {
  const [given, workflows, root] = [call.texts('key'), call.texts('workflow').map((each) => workflowOf(call, each)), await trustedRootOf(call)]
  if (given.length === 0 && workflows.length === 0)
    throw new CliError(
      'usage',
      'A pack cannot vouch for itself: verification needs a public key from somewhere you trust, or a workflow and a trusted root.',
      'Add --key=FILE, once for each key; or --workflow=owner/repo/.github/workflows/x.yml@COMMIT with --trusted-root=FILE.',
    )
  if (workflows.length > 0 && root === null)
    throw new CliError(
      'usage',
      'A workflow signs with a certificate, and nothing says whose certificates count.',
      'Add --trusted-root=FILE. Sigstore’s public one: cosign trusted-root create, or gh attestation trusted-root.',
    )
  const keys = await Promise.all(given.map((each) => publicKeyOf(call, each)))
  const packKeys = await Promise.all(call.texts('pack-key').map((each) => publicKeyOf(call, each)))
  const trust = trustOf({ keys: [...keys, ...packKeys], workflows, root })
  return packKeys.length > 0 ? { trust, packTrust: trustOf({ keys: packKeys, root }) } : { trust }
}

function workflowOf(call: Call, given: string): TrustedWorkflow {
  const workflow = readWorkflow(given)
  if (workflow === null)
    throw new CliError(
      'usage',
      `--workflow=${given.slice(0, 200)} is no workflow at one commit.`,
      'Name it as owner/repo/.github/workflows/conduct.yml@ and the 40 digits of its commit; a tag can be moved.',
    )
  const issuer = call.text('issuer')
  return { ...workflow, ...(issuer === undefined ? {} : { issuer }) }
}
