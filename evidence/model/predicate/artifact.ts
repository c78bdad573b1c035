/**
 * What an attestation of others is about: artifacts by digest. In-toto lets unknown members and unknown digest algorithms stand, so they are read over,
 * and never matched. https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md
 */
import { z } from 'zod'
import { STATEMENT_TYPE } from '../kinds.ts'
import { Sha256 } from '../primitives.ts'

export const Sha512 = z.string().regex(/^[0-9a-f]{128}$/, 'a SHA-512 in 128 lower-case hex digits')

/** Algorithm -> digits; only the strong ones are ever compared. */
const Digests = z.looseObject({ sha256: Sha256.optional(), sha512: Sha512.optional() })

export const ResourceDescriptor = z
  .looseObject({
    name: z.string().max(1000).optional(),
    uri: z.string().max(2000).optional(),
    digest: z.record(z.string().max(40), z.string().max(300)).optional(),
    content: z.string().max(1_000_000).optional(),
    downloadLocation: z.string().max(2000).optional(),
    mediaType: z.string().max(200).optional(),
    annotations: z.record(z.string(), z.unknown()).optional(),
  })
  .refine((of) => of.uri !== undefined || of.digest !== undefined || of.content !== undefined, 'a uri, a digest or a content')
export type ResourceDescriptor = z.infer<typeof ResourceDescriptor>

export const ArtifactSubject = z.looseObject({
  name: z.string().max(500).optional(),
  digest: Digests.refine((digest) => digest.sha256 !== undefined || digest.sha512 !== undefined, 'a sha256 or a sha512 of full length'),
})

/** An in-toto statement v1 about artifacts. */
export const ArtifactStatement = z.looseObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(ArtifactSubject).min(1).max(1024),
  predicateType: z.string().max(300),
  predicate: z.record(z.string(), z.unknown()),
})
export type ArtifactStatement = z.infer<typeof ArtifactStatement>
