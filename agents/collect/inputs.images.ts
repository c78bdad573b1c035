/** Input about what a registry holds of the images that a release ships. */
import { z } from 'zod'
import { CommitSha, Timestamp } from '../../evidence/model/primitives.ts'

const ImagePlatform = z.strictObject({
  /** `linux/amd64` */
  platform: z.string().max(110),
  digest: z.string().max(100),
  /** Of its layers, as they are stored and pulled. */
  bytes: z.number().int().nonnegative(),
  user: z.string().max(500),
  env: z.array(z.string().max(100_000)).max(2000),
  history: z.array(z.string().max(100_000)).max(2000),
  /** As the configuration says it. */
  created: z.string().max(60).nullable(),
  /** Why it is no image that could run; null: it is one. */
  problem: z.string().max(300).nullable(),
})
export type ImagePlatform = z.infer<typeof ImagePlatform>

const ShippedImage = z.strictObject({
  service: z.string().max(200),
  repository: z.string().max(300),
  /** Of images.json; null: it names none. */
  digest: z.string().max(100).nullable(),
  /** null: it was not read, and `why` says so. */
  platforms: z.array(ImagePlatform).max(20).nullable(),
  why: z.string().max(500).nullable(),
  /** Largest that `budgets.max_image_mb` allows; null: no budget. */
  budget_mb: z.number().positive().nullable(),
  /** Largest platform of each of the last releases, newest first. */
  before: z.array(z.strictObject({ version: z.string().max(100), bytes: z.number().int().nonnegative() })).max(10),
})
export type ShippedImage = z.infer<typeof ShippedImage>

export const RegistryImages = z.strictObject({ head: CommitSha, at: Timestamp, images: z.array(ShippedImage).max(50) })
