/** `gates.hardening.images`: images of a registry that a release ships; `supply-chain/images.json` of the release says by which digest. */
import { z } from 'zod'

/** Of the release branch: service -> digest. */
export const IMAGES_FILE = 'supply-chain/images.json'

/** With its host: `ghcr.io/acme/shop`. */
export const Repository = z
  .string()
  .max(300)
  .regex(
    /^(?:localhost|[a-z0-9.-]+\.[a-z0-9-]+|127\.0\.0\.1)(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$/,
    'a repository with its host, such as ghcr.io/acme/shop',
  )

export const RegistryImages = z
  .array(
    z.strictObject({
      service: z
        .string()
        .max(200)
        .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'a service')
        .describe('Its name, as in budgets.max_image_mb.'),
      repository: Repository.describe('Where it lies, with the host; conduct.hosts must list that, and the hosts it sends readers on to.'),
    }),
  )
  .max(50)
  .default([])

export const ImageDigests = z.record(z.string().max(200), z.string().regex(/^sha256:[0-9a-f]{64}$/))
