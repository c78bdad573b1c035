/** Where our SBOMs and syft's differ, read package by package. */
import { elsewhere, theirAlarm, theyMiss, type Explained } from './explained.ts'

const EDGE = 'edge between packages'
const ARGO = /argo-rollouts@\S+ \S+: (?:pkg:npm\/)?argo-ui@/

export const SBOMS: readonly Explained[] = [
  ...theirAlarm('syft links a name to every version of it in the file; the lock file says which one is meant', {
    class: EDGE,
    file: / \(another version is meant\)$/,
  }),
  ...theirAlarm('`typescript` stands for `@typescript/typescript6` there, by an alias; syft takes it for the package of that name', {
    class: EDGE,
    file: /web\/ui\/pnpm-lock\.yaml: \S+ -> typescript@/,
  }),
  ...theirAlarm('these belong to `react-loadable`, an alias that stands in the file behind it', {
    class: EDGE,
    file: /: react-router-config@5\.1\.1 -> /,
  }),
  ...elsewhere('theirs', 'the project itself, which our documents describe and do not count among its parts', {
    class: null,
    file: /: (?:pkg:npm\/)?(?:opa-website|kueueviz-frontend|traefik-proxy-dashboard)@/,
  }),
  ...elsewhere('theirs', 'edges of `argo-ui`, which both have, under another version', { class: EDGE, file: ARGO }),
  ...elsewhere('ours', 'edges of `argo-ui`, which both have, under another version', {
    class: EDGE,
    file: /argo-ui@1\.0\.0 -> .*\((?:required|dev)\)$/,
  }),
  ...theirAlarm('the lock file gives the version 1.0.0, and syft takes the address that it comes from for one', { class: null, file: ARGO }),
  ...theyMiss('the lock file gives the version 1.0.0, and syft takes the address that it comes from for one', { class: null, file: ARGO }),
  ...theyMiss('a workspace of the project, and what it asks for', {
    class: null,
    file: /: (?:pkg:npm\/%40prometheus-io\/|pkg:generic\/mantine-ui|@prometheus-io\/[a-z-]+@|mantine-ui@)/,
  }),
  ...theyMiss('syft takes no digest from a lock file of pnpm', { class: 'digest of a package', file: /pnpm-lock\.yaml: / }),
  ...theyMiss('a peer dependency', { class: EDGE, file: / \(peer(?:-optional)?\)$/ }),
  ...theyMiss('an optional dependency', { class: EDGE, file: / \(optional\)$/ }),
  ...theyMiss('a dependency by an alias', {
    class: EDGE,
    file: /: (?:pretty-format@30\.5\.1 -> react-is@|@typescript\/typescript6@6\.0\.2 -> typescript@)/,
  }),
  ...elsewhere('theirs', 'a folder of the project, which both have, and syft gives the version UNKNOWN', {
    class: null,
    file: / go\.mod: \S+@UNKNOWN$/,
  }),
  ...elsewhere('ours', 'a folder of the project, which both have, and syft gives the version UNKNOWN', {
    class: null,
    file: / go\.mod: (?:\S+@|pkg:golang\/[^@]+)$/,
  }),
  ...theyMiss('go.mod excludes another version of it, and syft then leaves out the one that is in use', {
    class: null,
    file: / go\.mod: \S*(?:linode\/linodego|k8s\.io\/client-go|google\.golang\.org\/api)@/,
  }),
  ...theirAlarm('the package URL of a Go module is in lower case, as its specification says', { class: 'package URL', file: / go\.mod: \S*[A-Z]/ }),
  ...theyMiss('the package URL of a Go module is in lower case, as its specification says', { class: 'package URL', file: / go\.mod: / }),
  ...theirAlarm('go.mod says what would replace it, and nothing requires it', { class: null, file: / go\.mod: / }),
]
