/** A folder with a pack, an operator file that names two stores and four people, and everybody's keys; and the commands about it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { buildPack } from '../../../../evidence/pack/build.ts'
import { generateKeyPair, localKeySigner } from '../../../../evidence/sign/local-key.ts'
import { goldenInputs } from '../../../evidence/pack/golden.ts'
import { KEYS } from '../../../evidence/verify/statements.ts'
import { cli, emptyFolder, type Ran } from '../harness.ts'

export const DAY = 86_400_000
/** When the golden pack was sealed. */
export const SEALED = Date.parse('2026-11-22T18:30:00.000Z')
export const REASON = '--reason=the auditor asked for it'

export interface Shop {
  readonly cwd: string
  readonly digest: string
  now: number
  run(...args: readonly string[]): Promise<Ran>
  /** Parsed answer of the same with --json. */
  json(...args: readonly string[]): Promise<{ readonly exit: number; readonly data: Record<string, unknown> }>
}

const PEOPLE = ['alice', 'bob', 'carol'] as const

export async function shopOf(): Promise<Shop> {
  const cwd = emptyFolder()
  const { zip } = await buildPack({ ...(await goldenInputs()), signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }) })
  writeFileSync(join(cwd, 'evidence.zip'), zip)
  writeFileSync(join(cwd, 'demo.pub'), KEYS.publicKeyPem)
  writeFileSync(join(cwd, 'app.pem'), KEYS.privateKeyPem)
  mkdirSync(join(cwd, 'artifacts'))
  for (const name of [...PEOPLE, 'stranger']) {
    const pair = generateKeyPair()
    writeFileSync(join(cwd, `${name}.pem`), pair.privateKeyPem)
    writeFileSync(join(cwd, `${name}.pub`), pair.publicKeyPem)
  }
  writeFileSync(
    join(cwd, 'operator.yml'),
    [
      'github: { app_id: 1, private_key_file: nowhere.pem }',
      'data_dir: data',
      'signing: { id: app, key_file: app.pem }',
      'stores:',
      '  archive: { kind: directory, path: archive }',
      '  copy: { kind: directory, path: copy }',
      'retention:',
      '  people:',
      ...PEOPLE.map((name) => `    ${name}: { public_key_file: ${name}.pub }`),
      '',
    ].join('\n'),
  )
  const shop: Shop = {
    cwd,
    digest: sha256(zip),
    now: SEALED + DAY,
    run: (...args) => cli(['evidence', ...args, ...(args[0] === 'tombstone' ? [] : ['--operator=operator.yml'])], { cwd, now: shop.now }),
    async json(...args) {
      const { exit, out } = await shop.run(...args, '--json')
      return { exit, data: JSON.parse(out) as Record<string, unknown> }
    },
  }
  return shop
}
