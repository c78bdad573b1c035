import { createPrivateKey, createPublicKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { filesOf, NAMES } from '../../../../app/cli/setup/files.ts'
import { parseOperator } from '../../../../app/operator.ts'

const APP = {
  id: 7,
  slug: 'conductor',
  html_url: 'https://github.example/apps/conductor',
  webhook_secret: 'a1'.repeat(20),
  client_id: 'Iv23liABC',
  client_secret: 'c3'.repeat(20),
  pem: 'the key',
}

test('what GitHub tells once comes first, secrets are for their owner alone, and the operator file names the rest', () => {
  const files = filesOf(APP, 'https://github.example/api/v3', 'https://conductor.example')
  const of = (name: string): string => files.find((file) => file.name === name)?.content ?? ''
  expect(files.map(({ name }) => name).toSorted()).toEqual([...NAMES].toSorted())
  expect(files.slice(0, 2).map(({ name }) => name)).toEqual(['app.pem', '.env'])
  expect(files.filter(({ mode }) => mode !== 0o600).map(({ name }) => name)).toEqual(['app.pub'])
  expect([of('app.pem'), of('.env')]).toEqual(['the key', `WEBHOOK_SECRET=${APP.webhook_secret}\nGITHUB_CLIENT_SECRET=${APP.client_secret}\n`])
  expect(parseOperator(of('operator.yml'))).toMatchObject({
    github: { api_url: 'https://github.example/api/v3', app_id: 7, private_key_file: 'app.pem' },
    public_url: 'https://conductor.example',
    login: { client_id: 'Iv23liABC' },
    signing: { key_file: 'signing.pem' },
  })
  const derived = createPublicKey(createPrivateKey(of('signing.pem'))).export({ type: 'spki', format: 'pem' })
  expect(of('app.pub').trim()).toBe(derived.toString().trim())
})
