/** A router of the operator's file -> its adapter. */
import { argoRollouts } from './argo.ts'
import type { NamedRouter } from './entries.ts'
import { flagd } from './flagd.ts'
import { gateway } from './gateway.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'
import type { Router } from './router.ts'
import { weightedProxy } from './weighted-proxy.ts'

/** @throws RouterError `invalid` */
export function adapterOf(router: NamedRouter): Router {
  switch (router.kind) {
    case 'weighted-proxy':
      return weightedProxy({ admin: router.admin, ...(router.token !== null && { token: router.token }) })
    case 'haproxy':
      return haproxy(router.source)
    case 'nginx':
      return nginx(router.source)
    case 'gateway-api':
      return gateway(router.source)
    case 'argo-rollouts':
      return argoRollouts(router.source)
    case 'flagd':
      return flagd(router.source)
  }
}
