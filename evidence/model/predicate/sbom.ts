/**
 * An SBOM inside a statement: an SPDX 2.3 document or a CycloneDX BOM. Only what every reader needs is checked here, and that the list is not hollow;
 * `evidence/sbom` checks what the formats' own schemas leave open. https://spdx.github.io/spdx-spec/v2.3/ https://cyclonedx.org/docs/1.6/json/
 */
import { z } from 'zod'

const Text = z.string().max(2000)
const SpdxId = z.string().regex(/^SPDXRef-[A-Za-z0-9.-]{1,500}$/, 'an identifier such as SPDXRef-DOCUMENT')
const MAX_PARTS = 100_000

export const SpdxDocument = z.looseObject({
  spdxVersion: z.literal('SPDX-2.3'),
  dataLicense: z.literal('CC0-1.0'),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  name: Text.min(1),
  documentNamespace: z.string().regex(/^[A-Za-z][A-Za-z0-9+.-]*:[^\s#]{1,2000}$/, 'an absolute URI without a fragment'),
  creationInfo: z.looseObject({ created: z.iso.datetime(), creators: z.array(Text).min(1).max(100) }),
  packages: z
    .array(z.looseObject({ SPDXID: SpdxId, name: Text.min(1), downloadLocation: Text.min(1) }))
    .min(1)
    .max(MAX_PARTS),
  relationships: z
    .array(z.looseObject({ spdxElementId: Text.min(1), relationshipType: Text.min(1), relatedSpdxElement: Text.min(1) }))
    .max(MAX_PARTS * 10)
    .optional(),
})
export type SpdxDocument = z.infer<typeof SpdxDocument>

export const CyclonedxBom = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.enum(['1.4', '1.5', '1.6', '1.7']),
  serialNumber: z
    .string()
    .regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'a urn:uuid')
    .optional(),
  version: z.number().int().positive().optional(),
  metadata: z.looseObject({}).optional(),
  components: z
    .array(z.looseObject({ type: Text.min(1), name: Text.min(1), version: Text.optional(), purl: Text.optional() }))
    .min(1)
    .max(MAX_PARTS),
  dependencies: z
    .array(z.looseObject({ ref: Text.min(1), dependsOn: z.array(Text).max(MAX_PARTS).optional() }))
    .max(MAX_PARTS)
    .optional(),
})
export type CyclonedxBom = z.infer<typeof CyclonedxBom>

export const SbomPredicate = z.union([SpdxDocument, CyclonedxBom])
export type SbomPredicate = z.infer<typeof SbomPredicate>
