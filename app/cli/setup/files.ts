/** What setup writes: everything `serve` needs to start. Pure, but for the new key. */
import { stringify } from 'yaml'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'
import { loginProblem } from '../../web/login-entry.ts'
import type { Converted } from './convert.ts'

export interface NewFile {
  readonly name: string
  readonly content: string
  readonly mode: number
}

export const NAMES = ['operator.yml', 'app.pem', '.env', 'signing.pem', 'app.pub'] as const

/** @param api address of GitHub's API @param publicUrl where the world reaches the App. What cannot be had a second time comes first. */
export function filesOf(app: Converted, api: string, publicUrl: string): readonly NewFile[] {
  const { privateKeyPem, publicKeyPem } = generateKeyPair('ecdsa')
  const operator = {
    github: { api_url: api, app_id: app.id, private_key_file: 'app.pem' },
    public_url: publicUrl,
    ...(loginProblem(publicUrl, 'by-address') === null ? { login: { client_id: app.client_id } } : {}),
    data_dir: 'data',
    signing: { id: 'app', key_file: 'signing.pem' },
  }
  return [
    { name: 'app.pem', content: app.pem, mode: 0o600 },
    { name: '.env', content: `WEBHOOK_SECRET=${app.webhook_secret}\nGITHUB_CLIENT_SECRET=${app.client_secret}\n`, mode: 0o600 },
    { name: 'signing.pem', content: privateKeyPem, mode: 0o600 },
    { name: 'app.pub', content: publicKeyPem, mode: 0o644 },
    { name: 'operator.yml', content: stringify(operator), mode: 0o600 },
  ]
}
