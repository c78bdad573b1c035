/** `keys generate`: a key pair for signing without Sigstore's public services. */
import { resolve } from 'node:path'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'
import { writeNew } from '../evidence/files.ts'
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Verb } from '../verb.ts'

export const keys: Verb = {
  name: 'keys',
  summary: 'Makes a key pair for signing evidence without Sigstore.',
  usage: 'generate [--out=NAME] [--id=local] [--type=ecdsa|ed25519]',
  examples: [
    [
      'release-conductor keys generate --out=release-key',
      'writes release-key.pem (private, mode 600) and release-key.pub, and shows the lines for the config',
    ],
  ],
  options: { out: { type: 'string' }, id: { type: 'string' }, type: { type: 'string' } },
  meaning: {
    out: 'name of the two files; default release-key',
    id: 'name of the key in the config; default local',
    type: 'ecdsa (P-256, the default) or ed25519',
  },
  words: { least: 1, most: 1 },
  async run(call) {
    if (call.words[0] !== 'generate') throw new CliError('usage', `\`keys ${call.words[0] ?? ''}\` is not known.`, 'Use `keys generate`.')
    const id = call.text('id') ?? 'local'
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(id))
      throw new CliError('usage', `--id=${id.slice(0, 70)} is no key name.`, 'Use small letters, digits and hyphens, e.g. --id=local.')
    const type = call.text('type') ?? 'ecdsa'
    if (type !== 'ecdsa' && type !== 'ed25519')
      throw new CliError('usage', `--type=${type.slice(0, 40)} is no type of key.`, 'Use --type=ecdsa or --type=ed25519.')
    const name = resolve(call.io.cwd, call.text('out') ?? 'release-key')
    const { privateKeyPem, publicKeyPem } = generateKeyPair(type)
    await writeNew(`${name}.pem`, privateKeyPem, 0o600)
    await writeNew(`${name}.pub`, publicKeyPem, 0o644)
    const block = publicKeyPem
      .trim()
      .split('\n')
      .map((line) => `        ${line}`)
    return {
      exit: EXIT.ok,
      text: [
        `Private key: ${name}.pem. Keep it out of the repository; give it to the workflow as the secret RELEASE_CONDUCTOR_SIGNING_KEY.`,
        `Public key:  ${name}.pub. Put it into .github/release-conductor.yml on the base branch:`,
        '',
        'trust:',
        '  keys:',
        `    - id: ${id}`,
        '      public_key: |',
        ...block,
      ].join('\n'),
      data: { type, private_key: `${name}.pem`, public_key: `${name}.pub`, id, public_key_pem: publicKeyPem },
    }
  },
}
