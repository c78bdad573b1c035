import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readZip } from '../../evidence/pack/zip.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import { verifyBundle } from '../../evidence/verify/verify.ts'
import type { Asked } from '../support/loopback.ts'
import { Sigstore } from '../support/sigstore/instance.ts'
import { fakeRekor } from '../support/sigstore/rekor.ts'
import { openRelease } from './release.ts'
import { setStage } from './stage.ts'

test.each([1, 2] as const)(
  'Rekor v%i loses its answers and the App is killed meanwhile: the canary goes on, serving everyone waits, and each pack has one entry in the end',
  async (version) => {
    const sigstore = new Sigstore()
    let losing = true
    let posted = false
    // It takes the entry, and from then on every answer is lost. It forgets what it was given: only the App's own search keeps a second entry out.
    const lost = ({ method, path }: Asked): boolean => {
      posted ||= method === 'POST' && path.endsWith('/entries')
      return losing && posted
    }
    await using rekor = await fakeRekor(sigstore.log, { others: 20, forgetful: true, lost })
    await using stage = await setStage({ deadline: '90s', sigstore: { root: sigstore.root(), rekor: { url: rekor.url, version } } })
    const release = await openRelease(stage)
    await release.approve(await release.merged())
    await release.until('the release waits for the log at 50 %', () => release.weight === 50 && release.status.includes('log\\_pending'))
    stage.app.child.kill()
    await release.until('the App is up again', () => stage.app.starts() === 2)
    expect([release.weight, rekor.added()]).toEqual([50, 1])
    losing = false
    expect(await release.ended()).toBe('promoted')
    expect(release.faults('promoted')).toEqual([])
    expect(release.ramp).toEqual([0, 10, 50, 100])
    expect(rekor.added()).toBe(2)

    const folder = join(stage.dir, 'artifacts', stage.shop.fullName, 'release/v2.0.0')
    const [published] = release.repository.releases
    expect(published?.assets.map((asset) => asset.name).toSorted()).toEqual(['evidence.sigstore.json', 'evidence.zip'])
    const trust = trustOf({ keys: [{ id: 'app', publicKeyPem: stage.publicKeys.app }], root: sigstore.trustedRoot() })
    const second = readZip(await readFile(join(folder, 'evidence.zip')))
    const beside = (await readdir(folder)).find((name) => /^evidence-2-[0-9a-f]{16}\.sigstore\.json$/.test(name))
    const logged = await readFile(join(folder, beside ?? ''))
    for (const bundle of [logged, second.get('signatures/seal-1.sigstore.json') ?? new Uint8Array()])
      expect(verifyBundle({ bundle, trust, expect: { kinds: ['checkpoint'], logged: true } })).toMatchObject({ signer: 'app', logged: true })
    expect(Buffer.from(second.get('trusted_root.json') ?? '').toString()).toBe(JSON.stringify(sigstore.root()))
    expect(await release.packProblems()).toEqual([])
  },
)
