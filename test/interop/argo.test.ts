/**
 * What the router says to a Kubernetes API server about a Rollout, and what it hears, by the CustomResourceDefinition that Argo publishes: our server over
 * real HTTP refuses an object that does not hold by it, and nothing it says may break it either.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { argoRolloutOf, planProblem } from '../../app/rollout/routers/argo-rollout.ts'
import { argoRollouts } from '../../app/rollout/routers/argo.ts'
import { kubeconfigOf } from '../support/kubernetes/api-server.ts'
import { crdOf, type Crd } from '../support/kubernetes/crd.ts'
import { rolloutOf, rolloutServer } from '../support/kubernetes/rollout.ts'
import { toolFile } from '../support/tools.ts'

const CRD = toolFile('crds/rollout-crd.yaml')

async function published(): Promise<Crd> {
  return crdOf(await readFile(CRD ?? '', 'utf8'), 'v1alpha1')
}

describe.skipIf(CRD === null)('the published schema of Rollout (skipped where it is absent)', () => {
  test('holds for every request and answer of a whole canary and its way back', async () => {
    const server = await rolloutServer({ crd: await published() })
    const folder = await mkdtemp(join(tmpdir(), 'interop-argo-'))
    onTestFinished(async () => {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    })
    await writeFile(join(folder, 'config'), kubeconfigOf(server.url))
    const router = argoRollouts({ namespace: 'shop', rollout: 'shop', kubeconfig: join(folder, 'config') })
    server.deploy('new')
    for (const percent of [0, 10, 50, 100, 0]) {
      await router.set(percent)
      expect(await router.read()).toBe(percent)
    }
    expect(server.asked.filter(({ method }) => method === 'PATCH')).toHaveLength(5)
    expect(server.violations).toEqual([])
  })

  test('is not blind: a step and a status that it does not know are seen', async () => {
    const crd = await published()
    expect(crd.problems(rolloutOf())).toEqual([])
    expect(crd.problems({ ...rolloutOf(), status: { abort: 'true' } })).not.toEqual([])
    expect(crd.problems({ ...rolloutOf(), status: { aborted: true } })).not.toEqual([])
    expect(crd.problems({ ...rolloutOf(), status: { pauseConditions: [{ reason: 'x' }] } })).not.toEqual([])
  })

  test('holds for the Rollout that the operator is told to write, and the App may lead it', async () => {
    const page = await readFile(new URL('../../docs/routers.md', import.meta.url), 'utf8')
    const rollout = parse(/^```yaml rollout\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '') as object
    expect((await published()).problems(rollout)).toEqual([])
    expect(planProblem(argoRolloutOf({ ...rollout, metadata: { resourceVersion: '1', generation: 1 } }))).toBeNull()
  })
})
