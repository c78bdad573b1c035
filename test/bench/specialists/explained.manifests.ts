/** Where platform-devops and checkov differ, read file by file. */
import { elsewhere, ourAlarm, theirAlarm, theyMiss, type Explained } from './explained.ts'

const anyOf = (project: string, ...paths: readonly string[]) => paths.map((path) => ({ class: null, file: `${project} ${path}` }))
const every = (...classes: readonly string[]) => classes.map((name) => ({ class: name, file: null }))

const PATCHES = [
  ...anyOf('github.com/argoproj/argo-rollouts@v1.10.1', 'manifests/namespace-install/add-namespaced-flag.yaml'),
  ...anyOf(
    'github.com/open-policy-agent/gatekeeper/v3@v3.23.1',
    'cmd/build/helmify/delete-ports.yaml',
    'config/default/manager_audit_patch.yaml',
    'config/default/manager_webhook_patch.yaml',
  ),
  ...anyOf('github.com/vmware-tanzu/velero@v1.18.3', 'design/CLI/PoC/overlays/plugins/aws-plugin.yaml'),
  ...anyOf(
    'go.universe.tf/metallb@v0.16.2',
    'config/frr-k8s-external/controller-patch.yaml',
    'config/frr-k8s-external/speaker-patch.yaml',
    'config/frr-k8s/controller-patch.yaml',
    'config/frr-k8s/speaker-patch.yaml',
    'config/frr/controller-patch.yaml',
    'config/frr/speaker-patch.yaml',
    'config/prometheus-frr-k8s/controller-patch.yaml',
    'config/prometheus-frr-k8s/speaker-patch.yaml',
  ),
  ...anyOf(
    'sigs.k8s.io/cluster-api@v1.14.2',
    'bootstrap/kubeadm/config/default/manager_image_patch.yaml',
    'bootstrap/kubeadm/config/default/manager_pull_policy.yaml',
    'bootstrap/kubeadm/config/default/manager_webhook_patch.yaml',
    'controlplane/kubeadm/config/default/manager_image_patch.yaml',
    'controlplane/kubeadm/config/default/manager_pull_policy.yaml',
    'controlplane/kubeadm/config/default/manager_webhook_patch.yaml',
    'core/config/default/manager_image_patch.yaml',
    'core/config/default/manager_pull_policy.yaml',
    'core/config/default/manager_webhook_patch.yaml',
    'hack/observability/kube-state-metrics/crd-sidecar-patch.yaml',
  ),
  ...anyOf(
    'sigs.k8s.io/kueue@v0.17.0',
    'config/alpha-enabled/manager_config_patch.yaml',
    'config/default/manager_config_patch.yaml',
    'config/default/manager_metrics_patch.yaml',
    'config/default/manager_visibility_patch.yaml',
    'config/default/manager_webhook_patch.yaml',
    'config/dev/manager_config_patch.yaml',
  ),
  ...anyOf('sigs.k8s.io/metrics-server@v0.9.0', 'manifests/components/autoscale/patch.yaml', 'manifests/components/high-availability/patch.yaml'),
]
const NETWORK = 'no NetworkPolicy'
const MORE = 'rights that lead to more'
const GATEKEEPER = 'github.com/open-policy-agent/gatekeeper/v3@v3.23.1 config/default/'

export const MANIFESTS: readonly Explained[] = [
  ...theirAlarm('a patch that a kustomization lays over another file: what it does not say, that one says', ...PATCHES),
  ...theirAlarm('all verbs of `external.metrics.k8s.io`, where there are no secrets, pods or services: checkov does not look at the group', {
    class: MORE,
    file: 'github.com/kedacore/keda/v2@v2.21.0 config/metrics-server/role_binding.yaml',
  }),
  ...elsewhere('theirs', 'checkov says it of the binding, we of the role, which is in another file', {
    class: MORE,
    file: 'sigs.k8s.io/kueue@v0.17.0 config/components/rbac/manager_secrets_role_binding.yaml',
  }),
  ...ourAlarm(
    'a patch that its kustomization names in a comment only, so that nobody knows it is one; checkov too takes it for an object, and asks it of no pod without labels',
    { class: NETWORK, file: `${GATEKEEPER}manager_auth_proxy_patch.yaml` },
    { class: NETWORK, file: `${GATEKEEPER}manager_prometheus_metrics_patch.yaml` },
  ),
  ...theyMiss('a Rollout of Argo makes pods, and checkov does not know it', { class: null, file: /argo-rollouts@\S+ (?:docs|examples)\/\S*\.yaml$/ }),
  ...theyMiss(
    'checkov looks for the socket of Docker only; every folder of the node is outside the baseline profile',
    ...every('a folder of the node'),
  ),
  ...theyMiss('checkov asks it of no pod without labels, and lets a policy of another namespace count', ...every(NETWORK)),
  ...theyMiss('checkov looks at the first rule of a role only', ...every('all verbs or resources')),
  ...theyMiss(
    'checkov judges some rights only where it finds the binding, and knows fewer; we judge the role, whoever will be bound to it',
    ...every(MORE),
  ),
  ...theyMiss('`resources` without `requests` asks for nothing, and checkov does not judge it', ...every('no requests')),
]
