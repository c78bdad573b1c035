/** `gates.supply_chain.registries`: where what is released lies, and where else; `supply-chain/references.json` of the release says by which references. */
import { z } from 'zod'
import { Duration } from '../primitives.ts'
import { Repository } from './images.ts'

/** Of the release branch: `{"images": {repository: reference}, "tags": {repository: {tag: digest}}}`. */
export const REFERENCES_FILE = 'supply-chain/references.json'

export const Registries = z
  .array(
    z.strictObject({
      repository: Repository.describe('Where a release lies, with the host; conduct.hosts must list that, and the hosts it sends readers on to.'),
      mirrors: z.array(Repository).max(10).default([]).describe('Repositories that must hold the same.'),
      retention: Duration.describe('How long the registry keeps what nobody deletes, as its operator set it.'),
    }),
  )
  .max(50)
  .default([])

export const References = z.strictObject({
  images: z.record(z.string().max(300), z.string().min(1).max(300)),
  tags: z.record(z.string().max(300), z.record(z.string().max(200), z.string().max(100))).default({}),
})
