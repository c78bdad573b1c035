/** `gates.policy_ci.policies`: the adopter's own Rego, what it is asked about, and which bundle of it may answer. */
import { z } from 'zod'
import { Sha256 } from '../primitives.ts'
import { RepositoryGlob, RepositoryPath } from './names.ts'

export const DOCUMENT_KINDS = ['kubernetes', 'terraform', 'workflows', 'dockerfiles', 'config'] as const
export type DocumentKind = (typeof DOCUMENT_KINDS)[number]

const Ask = z.strictObject({
  package: z
    .string()
    .max(200)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/, 'a Rego package such as main or kubernetes.security')
    .default('main')
    .describe('Rego package whose rules deny, violation and warn are asked, as Conftest asks them.'),
  documents: z
    .array(z.enum(DOCUMENT_KINDS))
    .max(DOCUMENT_KINDS.length)
    .default([...DOCUMENT_KINDS])
    .describe('What it is asked about: what other agents of P0 find, and the config itself.'),
  files: z.array(RepositoryGlob).max(20).default([]).describe('More files, JSON or YAML.'),
})
export type PolicyAsk = z.infer<typeof Ask>

export const Policies = z.strictObject({
  folder: RepositoryPath.default('policy').describe('Where the Rego lies, with its tests and its data.json or data.yaml.'),
  ask: z
    .array(Ask)
    .min(1)
    .max(20)
    .default([Ask.parse({})])
    .describe('Which packages are asked about which documents.'),
  bundle: z
    .strictObject({
      path: RepositoryPath.describe('What `opa build --target=wasm` wrote, outside of the folder.'),
      sha256: Sha256.describe('Digest of the one that may answer. Going back is naming the former one.'),
    })
    .optional()
    .describe('The bundle that answers where no `opa` is there, and that clusters may load.'),
})
export type Policies = z.infer<typeof Policies>
