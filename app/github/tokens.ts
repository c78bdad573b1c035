/**
 * Installation tokens, minted with one repository and only the permissions of the job at hand (one to read a release, one for each thing that is written), and
 * kept until five minutes before they expire. A leaked token can then read one repository, or do one small thing in it, for an hour at most.
 */
import { createAppAuth } from '@octokit/auth-app'
import { z } from 'zod'
import { GitHubError } from './error.ts'

export type PermissionName = 'actions' | 'checks' | 'contents' | 'deployments' | 'issues' | 'members' | 'metadata' | 'pull_requests'
/** Where a token is good: one repository of an installation, or (null) all that the installation was given. */
export interface Scope {
  readonly installationId: number
  readonly id: number | null
}

/** App permission names (not workflow spelling) -> what this job needs. */
export type Permissions = Readonly<Partial<Record<PermissionName, 'read' | 'write'>>>

/** What one look at a release reads, so that it needs one token. */
const LOOK: Permissions = { actions: 'read', checks: 'read', contents: 'read', deployments: 'read', issues: 'read', pull_requests: 'read' }

/** The token of the look, where it does for this call; what writes, and what belongs to the organization, has its own. */
export function lookOf(permissions: Permissions): Permissions {
  const names = Object.entries(permissions)
  return names.length > 0 && names.every(([name, level]) => level === 'read' && (name === 'metadata' || LOOK[name as PermissionName] !== undefined))
    ? LOOK
    : permissions
}

const RENEW_BEFORE_MS = 5 * 60_000
const MAX_KEPT = 1000

const Minted = z.object({ token: z.string().min(20).max(2000), expires_at: z.iso.datetime({ offset: true }) })

export interface Tokens {
  token(scope: Scope, permissions: Permissions): Promise<string>
  /** The App's own token, for what belongs to no installation; ten minutes long. */
  jwt(): Promise<string>
  /** The server said 401: do not use this one again. */
  forget(scope: Scope, permissions: Permissions): void
}

/**
 * @param mint sends `POST /app/installations/{id}/access_tokens` with the App's JWT and answers with the parsed body
 * @param now epoch milliseconds
 */
export function tokens(of: {
  readonly appId: number
  readonly privateKey: string
  readonly now: () => number
  readonly mint: (jwt: string, installation: number, body: { repository_ids?: number[]; permissions: Permissions }) => Promise<unknown>
}): Tokens {
  const app = createAppAuth({ appId: of.appId, privateKey: of.privateKey })
  const kept = new Map<string, { readonly expiresAt: number; readonly minting: Promise<{ token: string; expiresAt: number }> }>()

  async function jwt(): Promise<string> {
    const { token } = await app({ type: 'app' }).catch((error: unknown) => {
      throw new GitHubError('forbidden', "The App's private key cannot sign. Check the operator's file: it must be the PEM that GitHub gave.", {
        cause: error,
      })
    })
    return token
  }

  async function fresh(scope: Scope, permissions: Permissions): Promise<{ token: string; expiresAt: number }> {
    const body = { ...(scope.id !== null && { repository_ids: [scope.id] }), permissions }
    const minted = Minted.safeParse(await of.mint(await jwt(), scope.installationId, body))
    if (!minted.success) throw new GitHubError('malformed', 'GitHub answered the request for an installation token with something else.')
    return { token: minted.data.token, expiresAt: Date.parse(minted.data.expires_at) }
  }

  return {
    jwt,
    async token(scope, permissions) {
      const key = keyOf(scope, permissions)
      const found = kept.get(key)
      if (found !== undefined && found.expiresAt - RENEW_BEFORE_MS > of.now()) return (await found.minting).token
      const minting = fresh(scope, permissions)
      kept.delete(key)
      kept.set(key, { expiresAt: Number.POSITIVE_INFINITY, minting })
      for (const oldest of kept.keys()) {
        if (kept.size <= MAX_KEPT) break
        kept.delete(oldest)
      }
      try {
        const made = await minting
        if (kept.get(key)?.minting === minting) kept.set(key, { expiresAt: made.expiresAt, minting })
        return made.token
      } catch (error) {
        if (kept.get(key)?.minting === minting) kept.delete(key)
        throw error
      }
    },
    forget(scope, permissions) {
      kept.delete(keyOf(scope, permissions))
    },
  }
}

/** One name for (installation, repository, permission set). */
export function keyOf(scope: Scope, permissions: Permissions): string {
  const set = Object.entries(permissions)
    .map(([name, level]) => `${name}:${level}`)
    .sort()
    .join(',')
  return `${scope.installationId}|${scope.id ?? 'all'}|${set}`
}
