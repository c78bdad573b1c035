import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { apiOf, formAddress, manifestOf } from '../../../../app/cli/setup/manifest.ts'
import { text } from '../../../structure/tree.ts'

const OF = { name: 'acme-release-conductor', publicUrl: 'https://conductor.example', redirectUrl: 'http://127.0.0.1:1/created' }

test('the manifest is app.yml, with the addresses of this App in place of what is to be changed (T48)', () => {
  const template = parse(text('app.yml')) as Record<string, unknown>
  expect(JSON.parse(manifestOf(text('app.yml'), OF))).toEqual({
    ...template,
    name: 'acme-release-conductor',
    hook_attributes: { url: 'https://conductor.example/api/github/webhooks', active: true },
    redirect_url: 'http://127.0.0.1:1/created',
    callback_urls: ['https://conductor.example/login/callback'],
  })
})

test('a template that is public, or asks for a level there is not, is no template', () => {
  expect(() => manifestOf(text('app.yml').replace('public: false', 'public: true'), OF)).toThrow('public')
  expect(() => manifestOf(text('app.yml').replace('checks: write', 'checks: admin'), OF)).toThrow('checks')
})

test.each([
  ['https://github.com', 'https://api.github.com'],
  ['https://acme.ghe.com', 'https://api.acme.ghe.com'],
  ['https://github.acme.example', 'https://github.acme.example/api/v3'],
])('the API of %s is %s', (web, api) => {
  expect(apiOf(web)).toBe(api)
})

test('the form goes to the organization or to the person', () => {
  expect(formAddress('https://github.com', 'acme', 'abc')).toBe('https://github.com/organizations/acme/settings/apps/new?state=abc')
  expect(formAddress('https://github.com', null, 'abc')).toBe('https://github.com/settings/apps/new?state=abc')
})
