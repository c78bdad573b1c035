/** The operator's file -> the archive. It needs no webhook secret and starts nothing, so an auditor's command line can open it too. */
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { localKeySigner } from '../../evidence/sign/local-key.ts'
import type { TrustedKey } from '../../evidence/verify/verifier.ts'
import { OperatorError, parseOperator } from '../operator.ts'
import { packFiles } from '../store/pack-files.ts'
import type { StoreEntry } from './entries.ts'
import type { Keeper } from './keeper.ts'
import { ARTIFACTS, artifactsKeeper } from './keepers/artifacts.ts'
import { directoryKeeper } from './keepers/directory.ts'
import { retentionLog } from './log-file.ts'
import type { PurgeArchive } from './purge-run.ts'

export interface OpenArchive extends PurgeArchive {
  /** The App's public key, which verifies tombstones and packs. */
  readonly key: TrustedKey
}

/** @param file path of the operator's YAML @throws OperatorError */
export function openArchive(file: string, clock: { now(): number }): OpenArchive {
  const operator = parseOperator(readNamed(file, 'the operator file'), file)
  const from = dirname(resolve(file))
  const artifacts = resolve(from, operator.artifacts_dir)
  const folder = join(artifacts, 'retention')
  const privateKeyPem = readNamed(resolve(from, operator.signing.key_file), 'signing.key_file')
  const keepers: Keeper[] = [
    artifactsKeeper(packFiles(artifacts)),
    ...Object.entries(operator.stores).map(([name, entry]) => keeperFor(name, entry, from, clock)),
  ]
  return {
    log: retentionLog(folder, clock),
    keepers: new Map(keepers.map((keeper) => [keeper.name, keeper])),
    clock,
    elevated: operator.retention.elevated,
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

function keeperFor(name: string, entry: StoreEntry, from: string, clock: { now(): number }): Keeper {
  return directoryKeeper({ name, path: resolve(from, entry.path), now: () => clock.now() })
}

function readNamed(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new OperatorError(
      'unreadable',
      `${key}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}). Check the path and its owner.`,
      {
        cause: error,
      },
    )
  }
}
