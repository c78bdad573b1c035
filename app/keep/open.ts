/** The operator's file -> the archive. It needs no webhook secret and starts nothing, so an auditor's command line can open it too. */
import { createPublicKey } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { milliseconds } from '../../evidence/model/primitives.ts'
import { localKeySigner } from '../../evidence/sign/local-key.ts'
import type { TrustedKey } from '../../evidence/verify/verifier.ts'
import { readNamed } from '../operator-files.ts'
import { OperatorError, parseOperator } from '../operator.ts'
import { packFiles } from '../store/pack-files.ts'
import type { Client } from '../github/octokit.ts'
import type { Secret, StoreEntry } from './entries.ts'
import type { Keeper } from './keeper.ts'
import { ARTIFACTS, artifactsKeeper } from './keepers/artifacts.ts'
import { githubReleaseKeeper } from './keepers/github-release.ts'
import { directoryKeeper } from './keepers/directory.ts'
import { isForbidden } from './keepers/s3-request.ts'
import { s3Keeper } from './keepers/s3.ts'
import { retentionLog } from './log-file.ts'
import type { PurgeArchive } from './purge-run.ts'

export interface OpenArchive extends PurgeArchive {
  /** The App's public key, which verifies tombstones and packs. */
  readonly key: TrustedKey
  /** Every value that must never be printed. */
  readonly secrets: readonly string[]
}

/** @param file path of the operator's YAML @param environment usually process.env @param client of GitHub, when the caller has one; else made when it is first needed @throws OperatorError */
export function openArchive(file: string, clock: { now(): number }, environment: Environment = {}, client?: () => Promise<Client>): OpenArchive {
  const operator = parseOperator(readNamed(file, 'the operator file'), file)
  const from = dirname(resolve(file))
  const artifacts = resolve(from, operator.artifacts_dir)
  const folder = join(artifacts, 'retention')
  const privateKeyPem = readNamed(resolve(from, operator.signing.key_file), 'signing.key_file')
  const made = Object.entries(operator.stores).map(([name, entry]) => keeperFor(name, entry, { from, environment, clock }))
  const { api_url: baseUrl, app_id: appId, private_key_file: keyFile } = operator.github
  const github = once(async () => {
    const { client: open } = await import('../github/octokit.ts')
    return open({ appId, baseUrl: baseUrl.replace(/\/$/, ''), privateKey: readNamed(resolve(from, keyFile), 'github.private_key_file') })
  })
  const keepers: Keeper[] = [artifactsKeeper(packFiles(artifacts)), githubReleaseKeeper(client ?? github), ...made.map(({ keeper }) => keeper)]
  return {
    log: retentionLog(folder, clock),
    keepers: new Map(keepers.map((keeper) => [keeper.name, keeper])),
    clock,
    elevated: operator.retention.elevated,
    secrets: made.flatMap(({ secrets }) => secrets),
    folder,
    people: Object.entries(operator.retention.people).map(([id, person]) => ({
      id,
      publicKeyPem: readNamed(resolve(from, person.public_key_file), `retention.people.${id}.public_key_file`),
    })),
    signer: localKeySigner({ id: operator.signing.id, privateKeyPem }),
    key: { id: operator.signing.id, publicKeyPem: createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString() },
  }
}

export { ARTIFACTS }

type Environment = Readonly<Record<string, string | undefined>>

function keeperFor(
  name: string,
  entry: StoreEntry,
  { from, environment, clock }: Surroundings,
): { readonly keeper: Keeper; readonly secrets: readonly string[] } {
  if (entry.kind === 'directory') return { keeper: directoryKeeper({ name, path: resolve(from, entry.path), now: () => clock.now() }), secrets: [] }
  const endpoint = new URL(entry.endpoint)
  if (isForbidden(endpoint)) throw new OperatorError('invalid', `stores.${name}.endpoint: ${endpoint.hostname} is no address a store may have.`)
  const secret = secretOf(entry.secret, `stores.${name}.secret`, from, environment)
  return {
    keeper: s3Keeper({
      name,
      endpoint,
      region: entry.region,
      bucket: entry.bucket,
      prefix: entry.prefix,
      mode: entry.mode,
      keyId: secretOf(entry.key_id, `stores.${name}.key_id`, from, environment),
      secret,
      timeoutMs: milliseconds(entry.timeout),
      backoffMs: [250, 1000],
      // The server's locks are in its own time, whatever clock the policy is tried with.
      now: () => Date.now(),
    }),
    secrets: [secret],
  }
}

interface Surroundings {
  /** Folder of the operator's file. */
  readonly from: string
  readonly environment: Environment
  readonly clock: { now(): number }
}

function secretOf(of: Secret, key: string, from: string, environment: Environment): string {
  const value = 'file' in of ? readNamed(resolve(from, of.file), key).trim() : (environment[of.env] ?? '').trim()
  if (value === '') throw new OperatorError('unreadable', `${key}: ${'file' in of ? of.file : of.env} is empty. Put the store's key there.`)
  return value
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null
  return () => (made ??= make())
}
