/** Where policy-gatekeeper and Conftest differ, read answer by answer. */
import { ourAlarm, theyMiss, weMiss, type Explained } from './explained.ts'

const USELESS = 'a policy that holds nothing'
const THIRD = /knative\.dev\/serving@\S+ third_party\//

export const POLICIES: readonly Explained[] = [
  ...weMiss('a folder `third_party` is taken for other people’s, and not asked about', { class: null, file: THIRD }),
  ...ourAlarm('a quoted text whose next lines are not indented, which YAML forbids and the readers of Conftest and of Kubernetes let be', {
    class: 'a file that cannot be read',
    file: 'github.com/vmware-tanzu/velero@v1.18.3 design/CLI/PoC/base/CRDs.yaml',
  }),
  ...theyMiss('what one run of it says, the next may not: Conftest lets a policy ask the network unless its capabilities are taken away', {
    class: USELESS,
    file: 'planted: a question to the network',
  }),
  ...theyMiss('we check as `opa check --strict` does', { class: USELESS, file: 'planted: an import that nothing uses' }),
  ...theyMiss('Conftest is content where nothing is tested or asked; a rule that nobody evaluates forbids nothing', {
    class: USELESS,
    file: /^planted: (?:no test|a (?:rule|package) that nobody asks)$/,
  }),
]
