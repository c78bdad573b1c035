/** `node hash-only.js DIR`: the least that any verifier does: reads the files and hashes each. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Told } from './prepare.ts'

const [, , dir = ''] = process.argv
const told: Told = JSON.parse(readFileSync(join(dir, 'told.json'), 'utf8'))
for (const path of told.paths) hash('sha256', readFileSync(join(dir, 'files', path)))
