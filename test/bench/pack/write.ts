/** `node write.js DIR OUT`: packs and seals what lies in DIR, as the App does, and says what it took. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { writePack } from '../../../evidence/pack/build.ts'
import { localKeySigner } from '../../../evidence/sign/local-key.ts'
import type { Told } from './prepare.ts'

const [, , dir = '', out = ''] = process.argv
const told: Told = JSON.parse(readFileSync(join(dir, 'told.json'), 'utf8'))
const files = new Map(told.paths.map((path) => [path, () => readFileSync(join(dir, 'files', path))]))
const file = openSync(out, 'w')
const { sha256, size } = await writePack(
  {
    ...told.inputs,
    files,
    checkpoint: Buffer.from(told.checkpoint, 'base64'),
    signer: localKeySigner({ id: 'seal', privateKeyPem: told.privateKeyPem }),
  },
  {
    write(pieces) {
      for (const piece of pieces) for (let at = 0; at < piece.length;) at += writeSync(file, piece, at)
      return Promise.resolve()
    },
  },
)
closeSync(file)
process.stdout.write(JSON.stringify({ sha256, size, rss: process.resourceUsage().maxRSS * 1024 }))
