/** A repository of so many files, in folders of 500: of each some are looked into, and the rest is code. Pure. */
export interface GrownFile {
  readonly path: string
  readonly text: string
}

const FOLDER = 500
const DOCKERFILE = 'FROM node:24\nRUN npm ci\nCMD ["node", "a.js"]\n'
const WORKFLOW = 'on: push\njobs: { a: { runs-on: ubuntu-24.04, steps: [{ uses: "actions/checkout@v4" }, { run: echo hi }] } }\n'

/** The first folder has CODEOWNERS for all. */
export function filesOf(size: number): readonly GrownFile[] {
  return Array.from({ length: size }, (_, at) => fileOf(Math.floor(at / FOLDER), at % FOLDER))
}

function fileOf(folder: number, at: number): GrownFile {
  const below = `service-${folder}`
  if (at < 4) return { path: `${below}/deploy/part-${at}.yaml`, text: deployment(`${below}-${at}`) }
  if (at === 4) return { path: `${below}/Dockerfile`, text: DOCKERFILE }
  if (at === 5) return { path: `.github/workflows/${below}.yml`, text: WORKFLOW }
  // Services of one repository often share a lock file, so not every folder has one.
  const isLocked = folder % 10 === 0
  if (at === 6 && isLocked) return { path: `${below}/package.json`, text: JSON.stringify(manifest(below)) }
  if (at === 7 && isLocked) return { path: `${below}/package-lock.json`, text: JSON.stringify(lock(below)) }
  if (at === 8) return folder === 0 ? { path: '.github/CODEOWNERS', text: '* @acme/leads\n' } : { path: `${below}/README.md`, text: `# ${below}\n` }
  return { path: `${below}/src/part-${at % 20}/file-${at}.ts`, text: `export const file${at} = ${folder}\n`.repeat(20) }
}

function deployment(name: string): string {
  const pod = `{ metadata: { labels: { app: ${name} } }, spec: { containers: [{ name: a, image: "a:1" }] } }`
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: { replicas: 1, selector: { matchLabels: { app: ${name} } }, template: ${pod} }\n`
}

function manifest(name: string): object {
  return { name, version: '1.0.0', dependencies: { a: '1.0.0' } }
}

function lock(name: string): object {
  const a = { version: '1.0.0', resolved: 'https://registry.example/a/-/a-1.0.0.tgz', integrity: `sha512-${'A'.repeat(86)}==`, license: 'MIT' }
  return { name, version: '1.0.0', lockfileVersion: 3, packages: { '': manifest(name), 'node_modules/a': a } }
}
