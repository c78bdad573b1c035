/**
 * Hands one commit to the hosting platform and says what really runs there.
 *
 * In: RELEASE_SHA (commit), RELEASE_STEP (percent the canary is about to get, 0 to take it away), RELEASE_DIGESTS (JSON the plan expects, `{}` when
 * nothing was deployed yet), PLATFORM_URL. Out: `digests=<JSON>` in GITHUB_OUTPUT. The checkout must hold the commit.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'

const { GITHUB_OUTPUT, PLATFORM_URL, RELEASE_DIGESTS = '', RELEASE_SHA = '', RELEASE_STEP = '' } = process.env
if (!PLATFORM_URL) throw new Error('PLATFORM_URL is not set: the deploy job does not know where to deploy.')
if (!/^[0-9a-f]{40}$/.test(RELEASE_SHA)) throw new Error('RELEASE_SHA must be a commit of 40 hex digits.')
if (!/^\d{1,3}$/.test(RELEASE_STEP)) throw new Error('RELEASE_STEP must be a percentage.')

const archive = spawnSync('git', ['archive', '--format=tar', RELEASE_SHA], { maxBuffer: 256 * 1024 * 1024 })
if (archive.status !== 0) throw new Error(`Commit ${RELEASE_SHA} is not in this checkout: ${archive.stderr.toString()}`)

const answer = await fetch(`${PLATFORM_URL}/deploy?slot=canary&sha=${RELEASE_SHA}&step=${RELEASE_STEP}`, {
  method: 'POST',
  headers: { 'content-type': 'application/x-tar' },
  body: archive.stdout,
  signal: AbortSignal.timeout(60_000),
})
const result = await answer.json()
if (!answer.ok) throw new Error(`The platform refused: ${result.error}`)

const expected = RELEASE_DIGESTS === '' ? {} : JSON.parse(RELEASE_DIGESTS)
for (const [image, digest] of Object.entries(expected)) {
  if (result.digests[image] !== digest) throw new Error(`${image} runs as ${result.digests[image]}, but the plan says ${digest}.`)
}
console.log(JSON.stringify({ message: 'deployed', sha: RELEASE_SHA, step: Number(RELEASE_STEP), digests: result.digests }))
if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `digests=${JSON.stringify(result.digests)}\n`)
