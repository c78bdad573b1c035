/** Secrets that are none, made when they are needed, so that nothing that looks like one stands in the repository; and harmless values beside them. */
import { hash } from 'node:crypto'

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const HEX = '0123456789abcdef'
const BASE64URL = `${ALPHANUMERIC}-_`

/** The same for ever, and like nothing that anybody has. */
function noise(of: string, length: number, alphabet = ALPHANUMERIC): string {
  let text = ''
  for (let block = 0; text.length < length; block += 1)
    for (const byte of hash('sha512', `${of} ${block}`, 'buffer'))
      if (byte < 256 - (256 % alphabet.length)) text += alphabet[byte % alphabet.length] ?? ''
  return text.slice(0, length)
}

const json = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const glued = (...parts: readonly string[]): string => parts.join('')

/** What it is -> the name it stands under, and the value. */
export function plantedSecrets(): Readonly<Record<string, readonly [name: string, value: string]>> {
  return {
    'an AWS access key': ['KEY_OF_AWS', glued('AK', 'IA', noise('aws', 16, BASE32))],
    'a secret AWS key': ['AWS_SECRET_ACCESS_KEY', noise('aws secret', 40)],
    'a GitHub token, old form': ['UPLOAD', glued('gh', 'p_', noise('ghp', 36))],
    'a GitHub token, new form': ['UPLOAD', glued('github', '_pat_', noise('pat', 82, `${ALPHANUMERIC}_`))],
    'a GitLab token': ['UPLOAD', glued('gl', 'pat-', noise('gitlab', 20))],
    'a Slack token': ['NOTIFY', glued('xo', 'xb-', noise('a', 12, '0123456789'), '-', noise('b', 12, '0123456789'), '-', noise('slack', 24))],
    'an npm token': ['PUBLISH', glued('np', 'm_', noise('npm', 36, 'abcdefghijklmnopqrstuvwxyz0123456789'))],
    'a Google key': ['MAPS', glued('AI', 'za', noise('google', 35))],
    'a Stripe key': ['PAY', glued('sk', '_li', 've_', noise('stripe', 30))],
    'a JSON Web Token': [
      'SESSION',
      glued(json({ alg: 'HS256', typ: 'JWT' }), '.', json({ sub: noise('jwt', 12) }), '.', noise('sig', 43, BASE64URL)),
    ],
    'a key of OpenAI': ['MODEL', glued('sk', '-proj-', noise('openai', 74), 'T3Blb', 'kFJ', noise('openai2', 74))],
    'a key of SendGrid': ['MAIL', glued('S', 'G.', noise('sendgrid', 22), '.', noise('sendgrid2', 43))],
    'a token of PyPI': ['RELEASE', glued('py', 'pi-AgEIcHlwaS5vcmc', noise('pypi', 70, BASE64URL))],
    'a token of Docker Hub': ['PULL', glued('dckr', '_pat_', noise('docker', 27))],
    'a token of DigitalOcean': ['CLOUD', glued('do', 'p_v1_', noise('digitalocean', 64, HEX))],
    'a token of Grafana': ['BOARD', glued('gl', 'sa_', noise('grafana', 32), '_', noise('grafana2', 8, HEX))],
    'a key of Anthropic': ['MODEL', glued('sk', '-ant-', 'api03-', noise('anthropic', 93, BASE64URL), 'AA')],
    'a token of RubyGems': ['RELEASE', glued('ruby', 'gems_', noise('rubygems', 48, HEX))],
    'a token of Hugging Face': ['MODEL', glued('h', 'f_', noise('face', 34, ALPHANUMERIC.slice(26, 52)))],
    'a token of Shopify': ['SHOP', glued('sh', 'pat_', noise('shopify', 32, HEX))],
    'a token of PlanetScale': ['DATA', glued('psc', 'ale_tkn_', noise('planet', 43, BASE64URL))],
    'a token of Vault': ['VAULT', glued('hv', 's.', noise('vault', 95, BASE64URL))],
    'a password in a URL': ['DATABASE_URL', glued('postgres://shop:', noise('url', 20), '@db.example/shop')],
    'a random password': ['DB_PASSWORD', noise('password', 24)],
    'a password of one word': ['DB_PASSWORD', 'hunter2'],
    'a random token without a form': ['API_TOKEN', noise('token', 32, HEX)],
    'a value from outside': ['DB_PASSWORD', '$DB_PASSWORD'],
    'a path': ['TOKEN_FILE', '/run/secrets/token'],
    'the name of a secret': ['SECRET_NAME', 'shop-database'],
    'a URL without password': ['DATABASE_URL', 'postgres://db.example/shop'],
    'a digest': ['BASE_DIGEST', noise('digest', 64, HEX)],
    'a commit': ['COMMIT', noise('commit', 40, HEX)],
    'a switch': ['USE_TOKEN', 'true'],
  }
}
