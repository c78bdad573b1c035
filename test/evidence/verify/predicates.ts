/** One healthy predicate of each kind that `statements.ts` has no builder for, as their usual makers write them. */
import { AT, HEAD } from './statements.ts'

const SOURCE = 'git+https://github.com/acme/shop@refs/heads/release/v2.0.0'

/** As GitHub's attest-build-provenance writes it. */
export const PROVENANCE = {
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: {
      workflow: { ref: 'refs/heads/release/v2.0.0', repository: 'https://github.com/acme/shop', path: '.github/workflows/build.yml' },
    },
    internalParameters: { github: { event_name: 'push', repository_id: '4711', repository_owner_id: '1', runner_environment: 'github-hosted' } },
    resolvedDependencies: [{ uri: SOURCE, digest: { gitCommit: HEAD } }],
  },
  runDetails: {
    builder: { id: 'https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/release/v2.0.0' },
    metadata: {
      invocationId: 'https://github.com/acme/shop/actions/runs/12/attempts/1',
      startedOn: '2026-11-22T18:00:00Z',
      finishedOn: '2026-11-22T18:01:00.5+00:00',
    },
  },
}

export const SPDX = {
  spdxVersion: 'SPDX-2.3',
  dataLicense: 'CC0-1.0',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'shop',
  documentNamespace: 'https://shop.example/spdx/1',
  creationInfo: { created: '2026-11-22T18:00:00Z', creators: ['Tool: specimen'] },
  packages: [{ SPDXID: 'SPDXRef-shop', name: 'shop', downloadLocation: 'NOASSERTION' }],
  relationships: [{ spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-shop' }],
}

export const CYCLONEDX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: 'urn:uuid:01234567-89ab-cdef-0123-456789abcdef',
  version: 1,
  components: [{ type: 'library', name: 'pg', version: '8.23.1', purl: 'pkg:npm/pg@8.23.1' }],
}

export const TEST_RESULT = { result: 'PASSED', configuration: [{ uri: SOURCE, digest: { gitCommit: HEAD } }], passedTests: ['unit'] }

export const WAIVER = {
  schema_version: 1,
  gate: 'hardening',
  environment: 'all',
  version: 'v2.0.0',
  sha: HEAD,
  rules: ['image.user-root'],
  reason: 'vendor image, replaced next week',
  granted_by: [
    { login: 'pat', id: 1, role: 'maintain', comment_node_id: 'IC_1', at: AT },
    { login: 'kim', id: 2, role: 'admin', comment_node_id: 'IC_2', at: AT },
  ],
  granted_at: AT,
  expires_at: '2026-11-29T18:30:00.000Z',
  issue: 31,
}

export const CHECKPOINT = {
  schema_version: 1,
  version: 'v2.0.0',
  seal: 1,
  ledger: { root: 'a'.repeat(64), entries: 1 },
  tree: { origin: 'release-conductor.github.io/ledger/7/3', size: 1, root: 'a'.repeat(64) },
  evidence_root: 'a'.repeat(64),
  previous: null,
  at: AT,
}
