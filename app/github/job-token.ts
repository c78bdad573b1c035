/**
 * The identity token of a job: GitHub signs who runs, and for whom it was made. Nothing is believed of a job but what stands in it.
 * Source: GitHub docs, "OpenID Connect reference"; RFC 7519.
 */
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { GITHUB_ISSUER } from '../../evidence/verify/identity.ts'
import type { Clock } from '../release/ports.ts'
import { GitHubError } from './error.ts'

const LONGEST = 16_384
const KEYS_MS = 5000
/** GitHub's tokens live five minutes. */
const OLDEST = '10m'
const SKEW_S = 30

const Digits = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .transform(Number)
const Claims = z.looseObject({ repository_id: Digits, run_id: Digits, environment: z.string().min(1).max(255).optional() })

export interface Job {
  readonly repositoryId: number
  readonly run: number
  /** The one that the job itself names; null: it names none. */
  readonly environment: string | null
}

export interface JobTokens {
  /** @returns why it is not believed, in words @throws GitHubError `unavailable` when GitHub's keys cannot be had */
  read(token: string): Promise<Job | string>
}

/** Who signs for jobs of the GitHub whose API is at this address: github.com, a host with data residency, or a GitHub Enterprise Server. */
export function issuerOf(apiUrl: string): string {
  const { host, origin } = new URL(apiUrl)
  if (host === 'api.github.com') return GITHUB_ISSUER
  return host.startsWith('api.') && host.endsWith('.ghe.com') ? `https://token.actions.${host.slice('api.'.length)}` : `${origin}/_services/token`
}

/** @param audience for whom a token must have been made */
export function jobTokens({ issuer, audience, clock }: { readonly issuer: string; readonly audience: string; readonly clock: Clock }): JobTokens {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks`), { timeoutDuration: KEYS_MS })
  return {
    async read(token) {
      if (token.length > LONGEST) return `it is longer than ${LONGEST} characters`
      const currentDate = new Date(clock.now())
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer,
          audience,
          algorithms: ['RS256'],
          maxTokenAge: OLDEST,
          clockTolerance: SKEW_S,
          requiredClaims: ['exp'],
          currentDate,
        })
        const claims = Claims.safeParse(payload)
        if (!claims.success) return `it names no run of a repository: ${claims.error.issues.map(({ path }) => path.join('.')).join(', ')}`
        const { repository_id: repositoryId, run_id: run, environment = null } = claims.data
        return { repositoryId, run, environment }
      } catch (cause) {
        if (!(cause instanceof errors.JOSEError) || isOfTheKeys(cause))
          throw new GitHubError('unavailable', `The keys of ${issuer}, which sign for jobs, cannot be read.`, { cause })
        return whyNot(cause, { issuer, audience })
      }
    },
  }
}

/** That they do not hold the token's key is the token's fault. */
function isOfTheKeys(error: errors.JOSEError): boolean {
  return error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === 'ERR_JOSE_GENERIC'
}

function whyNot(error: errors.JOSEError, of: { readonly issuer: string; readonly audience: string }): string {
  if (!(error instanceof errors.JWTClaimValidationFailed)) return error.message.slice(0, 200)
  if (error.claim === 'aud') return `it was not made for ${of.audience}`
  return error.claim === 'iss' ? `it is not of ${of.issuer}` : error.message.slice(0, 200)
}
