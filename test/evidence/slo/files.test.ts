import { expect, test } from 'vitest'
import { isListed } from '../../../evidence/sbom/glob.ts'
import { sloPatterns } from '../../../evidence/slo/files.ts'

test.each([
  ['slo/availability.yaml', true],
  ['slo/golden_paths.yaml', false],
  ['other/golden_paths.yaml', false],
])('%s holds objectives: %s', (path, is) => {
  expect(isListed(path, sloPatterns({ slos: ['slo/*.yaml'], golden_paths: 'slo/golden_paths.yaml' }))).toBe(is)
})

test('without a catalogue, or without objectives, nothing is taken away', () => {
  expect(sloPatterns({ slos: ['slo/*.yaml'], golden_paths: undefined })).toEqual(['slo/*.yaml'])
  expect(sloPatterns({ slos: [], golden_paths: 'slo/golden_paths.yaml' })).toEqual([])
})
