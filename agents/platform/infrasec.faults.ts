/** Planted faults of infrasec (Dockerfiles and images of registries): a healthy recipe and a healthy image, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { ImagePlatform, ShippedImage } from '../collect/inputs.images.ts'

const HEAD = 'b'.repeat(40)
const AT = '2026-01-15T12:00:00.000Z'
const PIN = `sha256:${'0123456789abcdef'.repeat(4)}`

const HEALTHY = `FROM node:24-slim@${PIN} AS build
WORKDIR /shop
COPY . .
RUN npm ci && npm run build

FROM node:24-slim@${PIN}
COPY --from=build /shop/dist /shop
ENV NODE_ENV=production TOKEN_FILE=/run/secrets/token
USER 1000:1000
CMD ["node", "/shop/main.js"]
`

type Plant = PlantedInput<'dockerfiles' | 'registryImages'>
type Given = Plant['inputs']

function recipe(text: string): Given {
  return { dockerfiles: { head: HEAD, files: [{ path: 'Dockerfile', text, why: null }] }, registryImages: { head: HEAD, at: AT, images: [] } }
}

function changed(from: string, to: string): Given {
  return recipe(HEALTHY.replace(from, to))
}

function red(catches: string, rule: string, inputs: Given): Plant {
  return { catches, expected: 'red', inputs, rules: [`image.${rule}`] }
}

function green(catches: string, inputs: Given): Plant {
  return { catches, expected: 'green', inputs }
}

const AMD: ImagePlatform = {
  platform: 'linux/amd64',
  digest: PIN,
  bytes: 90_000_000,
  user: '1000',
  env: ['PATH=/usr/bin', 'TOKEN_FILE=/run/secrets/token'],
  history: ['COPY /shop /shop # buildkit', 'RUN |1 VERSION=1.2.3 /bin/sh -c npm ci # buildkit'],
  created: '2026-01-10T00:00:00Z',
  problem: null,
}
const ARM: ImagePlatform = { ...AMD, platform: 'linux/arm64' }

/** A healthy recipe, and an image of a registry with these platforms. */
function pushed(platforms: readonly ImagePlatform[], more: Partial<ShippedImage> = {}): Given {
  const image: ShippedImage = {
    service: 'shop',
    repository: 'registry.example/acme/shop',
    digest: PIN,
    platforms: [...platforms],
    why: null,
    budget_mb: 100,
    before: [{ version: 'v1.0.0', bytes: 89_000_000 }],
    ...more,
  }
  return { ...recipe(HEALTHY), registryImages: { head: HEAD, at: AT, images: [image] } }
}

export const planted: readonly Plant[] = [
  red('root user', 'user-root', changed('USER 1000:1000\n', '')),
  red('root user', 'user-root', changed('USER 1000:1000', 'USER root:1000')),
  red('root user', 'user-root', changed('USER 1000:1000', 'USER 0')),
  red('root user', 'user-root', recipe(HEALTHY.replace('WORKDIR /shop', 'USER 1000').replace('USER 1000:1000\n', ''))),
  green('root user', changed('USER 1000:1000', 'USER root\nRUN chown 1000 /shop\nUSER node')),
  red('unpinned base', 'base-unpinned', changed(`FROM node:24-slim@${PIN} AS build`, 'FROM node:24-slim AS build')),
  red('unpinned base', 'base-unpinned', recipe('FROM node:latest\nUSER 1000\n')),
  red('unpinned base', 'base-unpinned', recipe('ARG BASE=node:24\nFROM ${BASE}\nUSER 1000\n')),
  red('unpinned base', 'base-unpinned', recipe('ARG BASE\nFROM $BASE\nUSER 1000\n')),
  green(
    'unpinned base',
    recipe(`ARG BASE=node@${PIN}\nFROM \${BASE} AS build\nFROM build AS tested\nFROM scratch\nCOPY --from=tested /a /a\nUSER 1000\n`),
  ),
  red('secret in ENV or ARG', 'secret-in-env', changed('ENV NODE_ENV=production', 'ENV NODE_ENV=production DB_PASSWORD=hunter2')),
  red('secret in ENV or ARG', 'secret-in-env', changed('ENV NODE_ENV=production', 'ENV DATABASE=postgres://shop:hunter2@db/shop')),
  red('secret in ENV or ARG', 'secret-in-arg', changed('WORKDIR /shop', 'ARG NPM_TOKEN\nWORKDIR /shop')),
  green(
    'secret in ENV or ARG',
    changed('ENV NODE_ENV=production', 'ENV NODE_ENV=production SECRET_PATH=/run/secrets TOKEN_TTL=60 DATABASE=postgres://db/shop'),
  ),
  red('curl pipe shell', 'pipe-to-shell', changed('RUN npm ci', 'RUN curl -fsSL https://example.com/install \\\n  | sudo -E bash -')),
  red('curl pipe shell', 'pipe-to-shell', changed('RUN npm ci', 'RUN wget -qO- https://example.com/install | tee /log | /bin/sh && npm ci')),
  red('curl pipe shell', 'pipe-to-shell', changed('RUN npm ci && npm run build', 'RUN <<EOF\nset -e\ncurl https://example.com/install | sh\nEOF')),
  red('curl pipe shell', 'add-url', changed('COPY . .', 'ADD https://example.com/tool.tar.gz /tool')),
  green(
    'curl pipe shell',
    changed('RUN npm ci', `RUN curl -fsSLo /tool https://example.com/tool && echo "${'0'.repeat(64)}  /tool" | sha256sum -c && npm ci`),
  ),
  green('curl pipe shell', changed('COPY . .', `COPY . .\nADD --checksum=${PIN} https://example.com/tool.tar.gz /tool`)),
  red('root user', 'user-root', pushed([{ ...AMD, user: '' }, ARM])),
  green('root user', pushed([AMD, ARM])),
  red('secret in ENV or ARG', 'secret-in-config', pushed([{ ...AMD, env: ['DB_PASSWORD=hunter2'] }])),
  red('secret in ENV or ARG', 'secret-in-config', pushed([{ ...AMD, history: ['RUN |1 NPM_TOKEN=abcdef /bin/sh -c npm ci'] }])),
  red('image over budget', 'over-budget', pushed([AMD, { ...ARM, bytes: 100_000_001 }])),
  green('image over budget', pushed([AMD, { ...ARM, bytes: 100_000_000 }])),
  red('manifest list with one bad platform', 'user-root', pushed([AMD, { ...ARM, user: 'root' }])),
  red('manifest list with one bad platform', 'platform-bad', pushed([AMD, { ...ARM, problem: 'the registry does not have its manifest' }])),
  red('manifest list with one bad platform', 'platform-bad', pushed([])),
  red('manifest list with one bad platform', 'unread', pushed([], { platforms: null, why: 'the registry does not have it' })),
  green('manifest list with one bad platform', pushed([ARM])),
]
