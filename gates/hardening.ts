import { z } from 'zod'
import { RegistryImages } from '../evidence/model/config/images.ts'
import { Exceptions } from '../evidence/model/config/exceptions.ts'
import { TemplatedFiles } from '../evidence/model/config/templates.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { Reason } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import { planter } from './topics.planted.ts'
import { judgeTopics, type TopicRule } from './topics.ts'

function unmeasured(what: string, key: string): Reason {
  return {
    code: 'hardening.not-measured',
    message: `No statement carries numbers about ${what}`,
    next: `Run phase P0 again; if this repository has none, declare \`not_applicable.${key}\`.`,
  }
}

const RULES: readonly TopicRule[] = [
  { topic: 'images', thresholds: { dockerfiles: '>0', unread: '=0' }, unmeasured: unmeasured('images', 'hardening.images') },
  { topic: 'manifests', thresholds: { manifests: '>0', manifests_unread: '=0' }, unmeasured: unmeasured('manifests', 'hardening.manifests') },
  {
    topic: 'templates',
    thresholds: { templated_files: '>0', templates_unread: '=0' },
    unmeasured: unmeasured('files that came from templates', 'hardening.templates'),
  },
]
const CODES = {
  findings: 'hardening.findings',
  contradiction: 'hardening.contradiction',
  expired: 'hardening.exception-expired',
  notMeasured: 'hardening.not-measured',
} as const

const Policy = z.strictObject({
  exceptions: Exceptions,
  /** The agents read these. */
  images: RegistryImages.describe('Images that are shipped, by service and repository: their configs and layers are looked at, too.'),
  templates: TemplatedFiles.describe('Files that came from golden templates, each with the template and the values it was made with.'),
})
type Policy = z.infer<typeof Policy>
const plant = planter<Policy>({
  gate: 'hardening',
  phase: 'P0',
  numbers: {
    images: { dockerfiles: 2, unread: 0 },
    manifests: { manifests: 2, manifests_unread: 0 },
    templates: { templated_files: 2, templates_unread: 0 },
  },
  policy: (exceptions) => ({ exceptions, images: [], templates: [] }),
})

export const hardening = gate<Policy>({
  id: 'hardening',
  phase: 'P0',
  question: 'Is everything that runs hardened, and still what its template made it, apart from exceptions that somebody owns and that end?',
  why: 'A weakness baked into an image or a manifest runs everywhere it runs.',
  version: 3,
  reads: RULES.map(({ topic }) => topic),
  dependsOn: [],
  policy: Policy,
  notMeasured: 'hardening.not-measured',
  decide({ evidence, policy, now }) {
    return judgeTopics({ gate: 'hardening', rules: RULES, codes: CODES, exceptions: policy.exceptions }, { evidence, now })
  },
  planted() {
    const finding: Finding = { rule: 'image.user-root', severity: 'error', path: 'legacy/Dockerfile', message: 'runs as root', next: 'Add USER.' }
    const topic = 'images'
    return [
      plant('nothing with an error', 'green'),
      plant('an error', 'red', { topic, findings: [finding] }),
      plant('an error with an exception on its last day', 'green', { topic, findings: [finding], until: '2026-01-15' }),
      plant('an error with an exception that ended yesterday', 'red', { topic, findings: [finding], until: '2026-01-14' }),
      plant('an error in another file than the exception', 'red', { topic, findings: [finding], until: '2026-12-31', path: 'Dockerfile' }),
      plant('a summary that hides an error', 'red', { topic, findings: [finding], metrics: { errors: 0 } }),
      plant('no image', 'red', { topic, metrics: { dockerfiles: 0 }, n: 0 }),
      plant('a manifest with an error', 'red', { topic: 'manifests', findings: [{ ...finding, rule: 'manifest.privileged' }] }),
      plant('a manifest that could not be read', 'red', { topic: 'manifests', metrics: { manifests_unread: 1 } }),
      plant('no manifest', 'red', { topic: 'manifests', metrics: { manifests: 0 }, n: 0 }),
      plant('a file that lost what its template requires', 'red', {
        topic: 'templates',
        findings: [{ ...finding, rule: 'template.section-removed', path: 'Dockerfile', subject: 'user' }],
      }),
      plant('a file one version behind its template', 'green', {
        topic: 'templates',
        findings: [{ ...finding, rule: 'template.behind', severity: 'warning' }],
      }),
      plant('a templated file that was not compared', 'red', { topic: 'templates', metrics: { templates_unread: 1 } }),
      plant('no templated file', 'red', { topic: 'templates', metrics: { templated_files: 0 }, n: 0 }),
    ]
  },
})
