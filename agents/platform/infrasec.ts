import { z } from 'zod'
import type { Finding } from '../../evidence/model/finding.ts'
import { agent } from '../agent.ts'
import { capped, count } from '../tally.ts'
import { planted } from './infrasec.faults.ts'
import { imageFindings } from './infrasec.registry.ts'
import { dockerfileFindings } from './infrasec.rules.ts'

export const infrasec = agent({
  id: 'A8',
  name: 'infrasec',
  phase: ['P0'],
  gate: ['hardening'],
  topic: 'images',
  question: 'Would the images of this release run without root, from pinned bases, without secrets or unchecked downloads inside?',
  why: 'What is baked into an image goes wherever the image goes, and cannot be taken back from those who have pulled it.',
  version: 3,
  needs: ['dockerfiles', 'registryImages'],
  writes: ['hardening/images.json'],
  policy: z.object({}),
  assess({ dockerfiles, registryImages }) {
    const { files, head } = dockerfiles
    const { images } = registryImages
    const at = Date.parse(registryImages.at)
    const findings = capped([
      ...files.flatMap((file) => (file.text === null ? [unread(file.path, file.why)] : dockerfileFindings(file.path, file.text))),
      ...images.flatMap((image) => imageFindings(image, at)),
    ])
    const read = files.filter((file) => file.text !== null).length
    const looked = images.filter(({ platforms }) => platforms !== null)
    const metrics = {
      dockerfiles: files.length,
      unread: files.length - read,
      registry_images: images.length,
      platforms: looked.reduce((sum, { platforms }) => sum + (platforms?.length ?? 0), 0),
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'hardening',
          metrics,
          // No threshold on errors: exceptions are granted by the gate's policy, so an error here is not yet a no.
          thresholds: { dockerfiles: '>0', unread: '=0' },
          measured: {
            n: read,
            window: head,
            source: ['git', ...new Set(looked.map(({ repository }) => repository.slice(0, repository.indexOf('/'))))].join(', ').slice(0, 200),
            query: 'Dockerfile*, Containerfile*, *.Dockerfile, *.Containerfile; gates.hardening.images',
          },
        },
      ],
      files: [
        {
          path: 'hardening/images.json',
          type: 'report',
          content: { version: 2, commit: head, dockerfiles: files.map((file) => file.path), images, metrics, findings },
        },
      ],
      notes:
        files.length === 0
          ? 'The repository has no Dockerfile: nothing was looked at.'
          : `${files.length} Dockerfiles, ${images.length} images of registries: ${metrics.errors} errors.`,
      next:
        files.length === 0
          ? 'If this repository builds no image, declare `not_applicable.hardening.images` in .github/release-conductor.yml with a reason.'
          : metrics.errors === 0
            ? 'Nothing to do.'
            : 'Fix each error in hardening/images.json, or ask for an exception under `gates.hardening.exceptions`.',
    }
  },
  planted,
})

function unread(path: string, why: string | null): Finding {
  const message = `${path.slice(0, 400)} could not be read: ${why ?? 'no reason was given'}`
  return { rule: 'image.unread', severity: 'error', path: path.slice(0, 500), message, next: 'Make it a regular text file of a normal size.' }
}
