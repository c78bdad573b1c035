/** Where cicd-engineer differs from zizmor and actionlint, read file by file. */
import { ourAlarm, theirAlarm, theyMiss, type Explained } from './explained.ts'

const INJECTION = "a stranger's text in a script"
const WIDE = 'too many permissions'
const NAME = 'a name that nothing has'
const TRIGGER = 'a trigger with secrets for strangers'

const CILIUM = 'github.com/cilium/cilium@v1.20.2 .github/workflows/'
const LOKI = 'github.com/grafana/loki/v3@v3.7.8 .github/workflows/'
const OPA = 'github.com/open-policy-agent/opa@v1.22.3 .github/workflows/'
const PROMETHEUS = 'github.com/prometheus/prometheus@v0.315.0 .github/workflows/'

const of = (name: string, ...files: readonly string[]) => files.map((file) => ({ class: name, file }))

export const ZIZMOR: readonly Explained[] = [
  ...theirAlarm('a login: GitHub lets it hold letters, digits and hyphens only', ...of(INJECTION, `${CILIUM}auto-approve.yaml`)),
  ...theirAlarm(
    'a name or a default branch that only the owners of the repository choose',
    ...of(
      INJECTION,
      `${CILIUM}ci-images-cache-cleaner.yaml`,
      `${CILIUM}eks-cluster-pool-manager.yaml`,
      'github.com/fluxcd/flux2/v2@v2.9.5 .github/workflows/e2e-bootstrap.yaml',
    ),
  ),
  ...theirAlarm(
    'a variable or a matrix that the workflow itself fills, with constants or with what its own steps wrote',
    ...of(
      INJECTION,
      ...[
        'build-images-base',
        'build-images-releases',
        'conformance-k8s-network-policies',
        'k8s-kind-network-e2e',
        'k8s-kind-network-policies-e2e',
      ].map((name) => `${CILIUM}${name}.yaml`),
      ...['minor-release-pr', 'patch-release-pr', 'relyance'].map((name) => `${LOKI}${name}.yml`),
      `${PROMETHEUS}ci.yml`,
    ),
  ),
  ...theirAlarm('a commit of the merge queue: 40 hex digits', ...of(INJECTION, `${OPA}pull-request.yaml`)),
  ...theirAlarm(
    '`issue_comment` runs the code of the default branch; we object when it checks out or pastes what the commenter sent, and this one does not',
    ...of(
      TRIGGER,
      `${LOKI}claude.yml`,
      'github.com/open-policy-agent/gatekeeper/v3@v3.23.1 .github/workflows/benchmark.yaml',
      `${PROMETHEUS}approve-workflows.yml`,
    ),
  ),
  ...ourAlarm(
    'an input of the type choice: who starts the workflow picks one of the words that stand there. It is a warning of ours',
    ...of(INJECTION, `${LOKI}logql-correctness.yml`),
  ),
  ...theyMiss('a step runs an image by its tag; zizmor calls it an image, and we code', ...of('code by a tag', `${PROMETHEUS}prombench.yml`)),
  ...theyMiss('a tag without digest, which can be moved; zizmor as it runs by default objects to no tag and to `latest`', {
    class: 'image by a tag',
    file: null,
  }),
  ...theyMiss('every job may write what one needs', ...of(WIDE, `${CILIUM}common-post-jobs.yaml`, `${LOKI}helm-diff-ci.yml`)),
  ...theyMiss('`read-all`: more than any job needs; zizmor leaves it be', { class: WIDE, file: null }),
]

export const ACTIONLINT: readonly Explained[] = [
  ...theyMiss('actionlint does not follow a text through `env`', { class: INJECTION, file: 'planted: a title pasted through a variable' }),
  ...theyMiss(
    '`github.event.inputs` in a workflow that nobody dispatches by hand or calls: always empty; actionlint takes the event for any object',
    {
      class: NAME,
      file: 'github.com/open-policy-agent/gatekeeper/v3@v3.23.1 .github/workflows/patch-docs.yaml',
    },
  ),
  ...theirAlarm('`matrix.*` takes every value of the matrix, which GitHub evaluates', { class: NAME, file: /cilium@\S+ / }),
]
