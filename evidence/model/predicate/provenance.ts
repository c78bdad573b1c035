/**
 * SLSA provenance v1: how an artifact was built, in the words of its builder. A reader must let unknown members stand, so this schema does; an external
 * parameter that nobody expects is refused where expectations are checked, not here. https://slsa.dev/spec/v1.1/provenance
 */
import { z } from 'zod'
import { ResourceDescriptor } from './artifact.ts'

const Uri = z
  .string()
  .max(2000)
  .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, 'an absolute URI')
const Instant = z.iso.datetime({ offset: true })
const Resources = z.array(ResourceDescriptor).max(10_000)
const Parameters = z.record(z.string().max(300), z.unknown())

export const ProvenancePredicate = z.looseObject({
  buildDefinition: z.looseObject({
    buildType: Uri,
    externalParameters: Parameters,
    internalParameters: Parameters.optional(),
    resolvedDependencies: Resources.optional(),
  }),
  runDetails: z.looseObject({
    builder: z.looseObject({
      id: Uri,
      builderDependencies: Resources.optional(),
      version: z.record(z.string().max(300), z.string().max(300)).optional(),
    }),
    metadata: z
      .looseObject({ invocationId: z.string().max(2000).optional(), startedOn: Instant.optional(), finishedOn: Instant.optional() })
      .refine((of) => of.startedOn === undefined || of.finishedOn === undefined || Date.parse(of.startedOn) <= Date.parse(of.finishedOn), {
        path: ['finishedOn'],
        error: 'a time at or after startedOn',
      })
      .optional(),
    byproducts: Resources.optional(),
  }),
})
export type ProvenancePredicate = z.infer<typeof ProvenancePredicate>
