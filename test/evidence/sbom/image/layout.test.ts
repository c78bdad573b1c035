import { expect, test } from 'vitest'
import { blob, imagesOf } from '../../../../evidence/sbom/image/layout.ts'
import { A_FILE, digest, layoutOf, served } from './images.ts'

test('platform, digest, reference and layers of an image', async () => {
  const files = layoutOf([{ layers: [[A_FILE], []] }])
  const [image] = await imagesOf(served(files))
  expect(image).toMatchObject({ platform: 'linux/amd64', architecture: 'amd64', refName: 'example.com/shop:2.0.0' })
  expect(image?.layers.map(({ mediaType }) => mediaType)).toEqual(Array(2).fill('application/vnd.oci.image.layer.v1.tar+gzip'))
  for (const layer of image?.layers ?? []) expect(digest(await blob(served(files), layer))).toBe(layer.digest)
})
