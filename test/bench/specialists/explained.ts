/** Where a specialist sees a fault and we do not, on purpose: each was read, and each has its reason. What is not among them is a fault of ours. */
import type { Seen } from './compare.ts'

export interface Explained extends Seen {
  readonly why: string
}

const LOGIN = 'a login: GitHub lets it hold letters, digits and hyphens only'
const OWNED = 'a name or a default branch that only the owners of the repository choose'
const CONSTANT = 'a variable or a matrix that the workflow itself fills, with constants or with what its own steps wrote'
const COMMIT = 'a commit of the merge queue: 40 hex digits'
const COMMENT =
  'issue_comment runs the code of the default branch; we object when it checks out or pastes what the commenter sent, and this one does not'

const INJECTION = "a stranger's text in a script"
const TRIGGER = 'a trigger with secrets for strangers'

const CILIUM = 'github.com/cilium/cilium@v1.20.2 .github/workflows/'
const LOKI = 'github.com/grafana/loki/v3@v3.7.8 .github/workflows/'
const PROMETHEUS = 'github.com/prometheus/prometheus@v0.315.0 .github/workflows/'

export const EXPLAINED: readonly Explained[] = [
  { class: INJECTION, file: `${CILIUM}auto-approve.yaml`, why: LOGIN },
  { class: INJECTION, file: `${CILIUM}build-images-base.yaml`, why: CONSTANT },
  { class: INJECTION, file: `${CILIUM}build-images-releases.yaml`, why: CONSTANT },
  { class: INJECTION, file: `${CILIUM}ci-images-cache-cleaner.yaml`, why: OWNED },
  { class: INJECTION, file: `${CILIUM}conformance-k8s-network-policies.yaml`, why: CONSTANT },
  { class: INJECTION, file: `${CILIUM}eks-cluster-pool-manager.yaml`, why: OWNED },
  { class: INJECTION, file: `${CILIUM}k8s-kind-network-e2e.yaml`, why: CONSTANT },
  { class: INJECTION, file: `${CILIUM}k8s-kind-network-policies-e2e.yaml`, why: CONSTANT },
  { class: INJECTION, file: 'github.com/fluxcd/flux2/v2@v2.9.5 .github/workflows/e2e-bootstrap.yaml', why: OWNED },
  { class: INJECTION, file: `${LOKI}minor-release-pr.yml`, why: CONSTANT },
  { class: INJECTION, file: `${LOKI}patch-release-pr.yml`, why: CONSTANT },
  { class: INJECTION, file: `${LOKI}relyance.yml`, why: CONSTANT },
  { class: INJECTION, file: 'github.com/open-policy-agent/opa@v1.22.3 .github/workflows/pull-request.yaml', why: COMMIT },
  { class: INJECTION, file: `${PROMETHEUS}ci.yml`, why: CONSTANT },
  { class: TRIGGER, file: `${LOKI}claude.yml`, why: COMMENT },
  { class: TRIGGER, file: 'github.com/open-policy-agent/gatekeeper/v3@v3.23.1 .github/workflows/benchmark.yaml', why: COMMENT },
  { class: TRIGGER, file: `${PROMETHEUS}approve-workflows.yml`, why: COMMENT },
]

export function whyNot(of: Seen): string | null {
  return EXPLAINED.find((one) => one.class === of.class && one.file === of.file)?.why ?? null
}
