/** Where infrasec and platform-devops differ from gitleaks, read file by file. */
import { ourAlarm, theyMiss, type Explained } from './explained.ts'

const LOKI = 'github.com/grafana/loki/v3@v3.7.8 production/helm/loki/docs/examples/'
const anyOf = (...files: readonly string[]) => files.map((file) => ({ class: null, file }))

export const SECRETS: readonly Explained[] = [
  ...ourAlarm(
    'an example of a Secret with words in place of the values; we object to every Secret with values in a repository',
    ...anyOf(`${LOKI}enterprise/enterprise-secrets.yaml`, `${LOKI}oss/oss-secrets.yaml`),
  ),
  ...ourAlarm(
    'a Secret that holds settings and no secret; we object to every Secret with values in a repository',
    ...anyOf('github.com/prometheus-operator/prometheus-operator@v0.85.0 example/thanos/thanos-ruler-secret.yaml'),
  ),
  ...theyMiss(
    'a password that is a word: gitleaks looks for what is random, we also at what the name says',
    ...anyOf(
      'github.com/vmware-tanzu/velero@v1.18.3 design/CLI/PoC/base/minio.yaml',
      'github.com/vmware-tanzu/velero@v1.18.3 examples/minio/00-minio-deployment.yaml',
      'planted: a password of one word',
    ),
  ),
  ...theyMiss('gitleaks has no rule for it', ...anyOf('planted: a password in a URL', 'planted: a token of Docker Hub')),
  ...theyMiss(
    'gitleaks looks for name and value on one line, and in a manifest the name stands on the line before',
    ...anyOf('planted: a random password', 'planted: a random token without a form', 'planted: a secret AWS key'),
  ),
]
