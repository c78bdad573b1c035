import { expect, test } from 'vitest'
import { licenceFindings, licenceRule } from '../../../agents/security/supply-chain-lead.licences.ts'
import { SupplyChainPolicy } from '../../../evidence/model/config/supply-chain.ts'
import type { Component } from '../../../evidence/sbom/inventory.ts'

const policy = (of: { allow?: string[]; deny?: string[]; dev?: boolean } = {}) => SupplyChainPolicy.parse({ licences: of }).licences

function part(licence: string | null, of: Partial<Component> = {}): Component {
  const purl = `pkg:npm/${of.name ?? 'a'}@1.0.0`
  return { ref: purl, purl, name: 'a', version: '1.0.0', licence, hashes: [], scope: 'required', origin: null, bundled: false, local: false, ...of }
}

test.each([
  ['MIT', {}, 'ok'],
  ['MIT', { allow: ['MIT'] }, 'ok'],
  ['MIT', { allow: ['ISC'] }, 'forbidden'],
  ['MIT', { deny: ['MIT'] }, 'forbidden'],
  ['MIT', { allow: ['MIT'], deny: ['MIT'] }, 'forbidden'],
  ['(MIT OR GPL-3.0-only)', { deny: ['GPL-3.0-only'] }, 'ok'],
  ['(MIT AND GPL-3.0-only)', { deny: ['GPL-3.0-only'] }, 'forbidden'],
  ['(MIT OR GPL-3.0-only)', { allow: ['MIT'] }, 'ok'],
  ['MIT AND (ISC OR GPL-3.0-only)', { allow: ['MIT', 'ISC'] }, 'ok'],
  ['GPL-2.0+', { deny: ['GPL-2.0'] }, 'forbidden'],
  ['GPL-2.0-only WITH Classpath-exception-2.0', { deny: ['GPL-2.0-only'] }, 'forbidden'],
  ['LicenseRef-own', { allow: ['MIT'] }, 'forbidden'],
  ['SEE LICENSE IN LICENSE', {}, 'unknown'],
  ['UNLICENSED', {}, 'unknown'],
  ['mit-ish', {}, 'unknown'],
  ['', {}, 'unknown'],
  [null, {}, 'unknown'],
  [`(${'('.repeat(600)}MIT`, {}, 'unknown'],
] as const)('%s under %j is %s', (licence, of, rule) => {
  expect(licenceRule(licence, policy(of as { allow?: string[] }))).toBe(rule)
})

test('each forbidden part is an error that an exception can name; development and own parts are left out', () => {
  const parts = [part('GPL-3.0-only'), part('GPL-3.0-only', { scope: 'dev' }), part('GPL-3.0-only', { local: true })]
  expect(licenceFindings('package-lock.json', parts, policy({ deny: ['GPL-3.0-only'] }))).toMatchObject([
    { rule: 'licence.forbidden', severity: 'error', subject: 'pkg:npm/a@1.0.0', path: 'package-lock.json' },
  ])
  expect(licenceFindings('package-lock.json', parts, policy({ deny: ['GPL-3.0-only'], dev: true }))).toHaveLength(2)
})

test('a part of unknown licence is a warning, and an error where only some licences are allowed', () => {
  const parts = [part(null), part('MIT', { name: 'b' }), part('what', { name: 'c' })]
  expect(licenceFindings('l', parts, policy()).map(({ rule, severity, subject }) => [rule, severity, subject])).toEqual([
    ['licence.unknown', 'warning', 'pkg:npm/a@1.0.0'],
    ['licence.unknown', 'warning', 'pkg:npm/c@1.0.0'],
  ])
  expect(licenceFindings('l', parts, policy({ allow: ['MIT'] })).map(({ severity }) => severity)).toEqual(['error', 'error'])
})

test('a lock file that carries no licence at all says so once', () => {
  const parts = Array.from({ length: 3 }, (_, at) => part(null, { name: `a${at}` }))
  expect(licenceFindings('yarn.lock', parts, policy())).toMatchObject([
    { rule: 'licence.unknown', subject: 'yarn.lock', message: '3 of 3 parts name no licence in yarn.lock' },
  ])
})
