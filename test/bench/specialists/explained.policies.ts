/** Where policy-gatekeeper and Conftest differ, read answer by answer. */
import { ourAlarm, weMiss, type Explained } from './explained.ts'

const THIRD = /knative\.dev\/serving@\S+ third_party\//

export const POLICIES: readonly Explained[] = [
  ...weMiss('a folder `third_party` is taken for other people’s, and not asked about', { class: null, file: THIRD }),
  ...ourAlarm('a quoted text whose next lines are not indented, which YAML forbids and the readers of Conftest and of Kubernetes let be', {
    class: 'a file that cannot be read',
    file: 'github.com/vmware-tanzu/velero@v1.18.3 design/CLI/PoC/base/CRDs.yaml',
  }),
]
