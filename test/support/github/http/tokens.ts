/** Who is asking: personal tokens, installation tokens, job tokens, and the App's JSON web token. */
import { createHmac, createSign, createVerify, randomBytes } from 'node:crypto'
import { Refusal } from '../world/error.ts'
import type { Account, Actor, App, Installation, Json, Permissions, Repository } from '../world/model.ts'
import type { World } from '../world/world.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** RS256, compact form. */
export const signJwt = (payload: Json, privateKey: string, kid?: string): string => {
  const head = `${part({ alg: 'RS256', typ: 'JWT', ...(kid ? { kid } : {}) })}.${part(payload)}`
  return `${head}.${createSign('RSA-SHA256').update(head).sign(privateKey, 'base64url')}`
}

export const personalToken = (world: World, account: Account): string => {
  for (const [token, { actor }] of world.tokens) if (actor.kind === 'user' && actor.account.id === account.id) return token
  const token = `ghp_${randomBytes(27).toString('base64url').replace(/[-_]/g, 'x').slice(0, 36)}`
  world.tokens.set(token, { actor: { kind: 'user', account }, expires: null })
  return token
}

/** The stateless form GitHub gives since 2026: `ghs_<app id>_<something like a JWT>`. */
const serverToken = (appId: number): string =>
  `ghs_${appId}_${part({ alg: 'HS256', typ: 'JWT' })}.${part({ jti: randomBytes(96).toString('hex') })}.${createHmac('sha256', randomBytes(32)).update('t').digest('base64url')}`

export const installationToken = (
  world: World,
  installation: Installation,
  permissions: Permissions,
  repositories: ReadonlySet<number>,
): { token: string; expires: Date } => {
  const token = serverToken(installation.app.id)
  const expires = new Date(Math.floor(world.now().getTime() / 1000) * 1000 + 3_600_000)
  world.tokens.set(token, {
    actor: { kind: 'installation', app: installation.app, installation, permissions, repositories },
    expires: expires.getTime(),
  })
  return { token, expires }
}

export const jobToken = (world: World, app: App, repository: Repository, permissions: Permissions, run: number): string => {
  const token = serverToken(app.id)
  world.tokens.set(token, { actor: { kind: 'job', app, permissions, repository, run }, expires: null })
  return token
}

export const revoke = (world: World, token: string): void => {
  world.tokens.delete(token)
}

const SKEW = 60

const appFromJwt = (world: World, token: string): Actor => {
  const [head = '', body = '', signature = ''] = token.split('.')
  let header: Json
  let claims: Json
  try {
    header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Json
    claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Json
  } catch {
    throw new Refusal(401, 'A JSON web token could not be decoded')
  }
  const app = [...world.apps.values()].find((one) => String(one.id) === String(claims['iss']))
  if (!app || header['alg'] !== 'RS256') throw new Refusal(401, 'A JSON web token could not be decoded')
  if (!createVerify('RSA-SHA256').update(`${head}.${body}`).verify(app.publicKey, signature, 'base64url'))
    throw new Refusal(401, 'A JSON web token could not be decoded')
  const now = Math.floor(world.now().getTime() / 1000)
  const { iat, exp } = claims
  if (typeof exp !== 'number') throw new Refusal(401, "Missing 'exp' claim in assertion")
  if (typeof iat !== 'number') throw new Refusal(401, "Missing 'iat' claim in assertion")
  if (exp <= now)
    throw new Refusal(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
  if (exp > now + 600 + SKEW) throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
  if (iat > now + SKEW) throw new Refusal(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
  return { kind: 'app', app }
}

/** @param header of `Authorization`: `token x`, `Bearer x` or basic with the token as password */
export const authenticate = (world: World, header: string | undefined): { actor: Actor; token: string | null } => {
  if (!header) return { actor: { kind: 'anonymous' }, token: null }
  const [scheme = '', value = ''] = header.split(/\s+/)
  const token = scheme.toLowerCase() === 'basic' ? (Buffer.from(value, 'base64').toString().split(':')[1] ?? '') : value
  const known = world.tokens.get(token)
  if (known) {
    if (known.expires !== null && known.expires <= world.now().getTime()) throw new Refusal(401, 'Bad credentials')
    return { actor: known.actor, token }
  }
  if (scheme.toLowerCase() === 'bearer' && token.startsWith('ey') && token.split('.').length === 3)
    return { actor: appFromJwt(world, token), token: null }
  throw new Refusal(401, 'Bad credentials')
}
