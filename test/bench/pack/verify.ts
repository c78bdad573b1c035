/** `node verify.js DIR PACK`: verifies PACK, and says what it took. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyArchive } from '../../../evidence/pack/read.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { openArchiveFile } from '../../../app/cli/evidence/archive-file.ts'
import type { Told } from './prepare.ts'

const [, , dir = '', pack = ''] = process.argv
const told: Told = JSON.parse(await readFile(join(dir, 'told.json'), 'utf8'))
using archive = openArchiveFile(pack)
const answer = await verifyArchive({ archive, trust: trustOf({ keys: told.publicKeys }) })
process.stdout.write(JSON.stringify({ ok: answer.ok, ...(answer.ok ? {} : { errors: answer.errors }), rss: process.resourceUsage().maxRSS * 1024 }))
