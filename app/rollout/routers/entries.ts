/** The routers in the operator's file: what may be written there, and what is known once it was read. Paths are taken from the folder of the file. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { USED_BY } from '../../limits.ts'
import { ArgoSource } from './argo.ts'
import { FlagdSource } from './flagd.ts'
import { GatewaySource } from './gateway.ts'
import { HaproxySource } from './haproxy.ts'
import { NginxSource } from './nginx.ts'

const Path = z.string().min(1).max(1000)
const Admin = z
  .string()
  .max(500)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'an http or https address')

export const RouterEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('weighted-proxy'), admin: Admin, token_file: Path.optional(), ...USED_BY }),
  HaproxySource.safeExtend({ kind: z.literal('haproxy'), ...USED_BY }),
  NginxSource.safeExtend({ kind: z.literal('nginx'), ...USED_BY }),
  GatewaySource.safeExtend({ kind: z.literal('gateway-api'), ...USED_BY }),
  ArgoSource.safeExtend({ kind: z.literal('argo-rollouts'), ...USED_BY }),
  FlagdSource.safeExtend({ kind: z.literal('flagd'), ...USED_BY }),
])
export type RouterEntry = z.infer<typeof RouterEntry>

export type NamedRouter =
  | { readonly kind: 'weighted-proxy'; readonly admin: string; readonly token: string | null }
  | { readonly kind: 'haproxy'; readonly source: HaproxySource }
  | { readonly kind: 'nginx'; readonly source: NginxSource }
  | { readonly kind: 'gateway-api'; readonly source: GatewaySource }
  | { readonly kind: 'argo-rollouts'; readonly source: ArgoSource }
  | { readonly kind: 'flagd'; readonly source: FlagdSource }

/** @param base folder of the operator's file @param read a file named by a key @throws what `read` throws */
export function namedRouter(entry: RouterEntry, base: string, read: (path: string, key: string) => string): NamedRouter {
  switch (entry.kind) {
    case 'weighted-proxy':
      return {
        kind: entry.kind,
        admin: entry.admin,
        token: entry.token_file === undefined ? null : read(resolve(base, entry.token_file), 'token_file').trim(),
      }
    case 'haproxy': {
      const { kind, repositories: _, ...source } = entry
      return { kind, source }
    }
    case 'nginx': {
      const { kind, file, repositories: _, ...source } = entry
      return { kind, source: { ...source, file: resolve(base, file) } }
    }
    case 'gateway-api': {
      const { kind, kubeconfig, repositories: _, ...source } = entry
      return { kind, source: { ...source, ...(kubeconfig !== undefined && { kubeconfig: resolve(base, kubeconfig) }) } }
    }
    case 'flagd': {
      const { kind, file, repositories: _, ...source } = entry
      return { kind, source: { ...source, file: resolve(base, file) } }
    }
    case 'argo-rollouts': {
      const { kind, kubeconfig, repositories: _, ...source } = entry
      return { kind, source: { ...source, ...(kubeconfig !== undefined && { kubeconfig: resolve(base, kubeconfig) }) } }
    }
  }
}

/** What must never be printed; null when there is none. */
export function secretOf(router: NamedRouter): string | null {
  return router.kind === 'weighted-proxy' ? router.token : null
}
