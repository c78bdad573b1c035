/** `trust`: whose signatures count. Only what stands here, on the base branch, can make evidence believed. */
import { z } from 'zod'
import { CommitSha } from '../primitives.ts'

const WorkflowReference = z
  .string()
  .max(300)
  .regex(
    /^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}\/\.github\/workflows\/[A-Za-z0-9._-]+\.ya?ml$/,
    'a reusable workflow such as owner/repo/.github/workflows/conduct.yml',
  )

const PublicKey = z
  .string()
  .max(4000)
  .regex(
    /^-----BEGIN PUBLIC KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END PUBLIC KEY-----\s*$/,
    'a PEM public key, as `release-conductor keys generate` prints it (use a | block)',
  )

export const TrustConfig = z.strictObject({
  workflows: z
    .array(
      z.strictObject({
        ref: WorkflowReference.describe('The reusable workflow that runs the agents and signs.'),
        digest: CommitSha.describe('Its commit: the pin of `uses:` in your workflow.'),
      }),
    )
    .max(20)
    .default([])
    .describe('Workflows whose keyless signatures count.'),
  keys: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,63}$/, 'a key name such as local')
          .describe('The hint inside the signature bundle.'),
        public_key: PublicKey.describe('ECDSA P-256 or Ed25519 public key, PEM.'),
      }),
    )
    .max(20)
    .default([])
    .describe('Keys whose signatures count, for offline use and the demo.'),
})
