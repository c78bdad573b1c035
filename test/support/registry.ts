/** A real OCI registry on loopback (Debian's docker-registry), and a way to push images of a few bytes into it. */
import { execFile, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../demo/stage.ts'
import { tool } from './tools.ts'

export const REGISTRY = tool('docker-registry')

export interface PushedPlatform {
  readonly platform?: string
  readonly layer?: string
  readonly config?: object
}

export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:5000` */
  readonly host: string
  readonly folder: string
  /** One platform: a manifest; several: an index of them. @returns the digest under the tag */
  push(name: string, tag: string, platforms: readonly PushedPlatform[]): Promise<string>
  /** Any document as a manifest. @returns its digest */
  put(name: string, reference: string, mediaType: string, body: object): Promise<string>
}

const OCI = 'application/vnd.oci.image'

function digestOf(bytes: string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export async function startRegistry(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'))
  const host = `127.0.0.1:${await freePort()}`
  writeFileSync(
    join(folder, 'config.yml'),
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${folder}/data } }\nhttp: { addr: "${host}" }\n`,
  )
  const server: ChildProcess = execFile(REGISTRY ?? 'docker-registry', ['serve', join(folder, 'config.yml')])
  for (let tries = 0; tries < 200; tries += 1) {
    const up = await fetch(`http://${host}/v2/`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (up) break
    await sleep(50)
  }
  const blob = async (name: string, bytes: string): Promise<string> => {
    const digest = digestOf(bytes)
    const begun = await fetch(`http://${host}/v2/${name}/blobs/uploads/`, { method: 'POST' })
    const to = new URL(begun.headers.get('location') ?? '', `http://${host}`)
    to.searchParams.set('digest', digest)
    const done = await fetch(to, { method: 'PUT', body: bytes, headers: { 'content-type': 'application/octet-stream' } })
    if (!done.ok) throw new Error(`the registry did not take a blob: ${done.status} ${await done.text()}`)
    return digest
  }
  const put = async (name: string, reference: string, mediaType: string, body: object): Promise<string> => {
    const text = JSON.stringify(body)
    const done = await fetch(`http://${host}/v2/${name}/manifests/${reference || digestOf(text)}`, {
      method: 'PUT',
      body: text,
      headers: { 'content-type': mediaType },
    })
    if (!done.ok) throw new Error(`the registry did not take a manifest: ${done.status} ${await done.text()}`)
    return digestOf(text)
  }
  const one = async (name: string, tag: string, { platform = 'linux/amd64', layer = 'layer', config = {} }: PushedPlatform): Promise<object> => {
    const [os = '', architecture = ''] = platform.split('/')
    const image = JSON.stringify({
      os,
      architecture,
      created: '2026-01-10T00:00:00Z',
      config: { User: '1000' },
      rootfs: { type: 'layers', diff_ids: [] },
      ...config,
    })
    const manifest = {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: { mediaType: `${OCI}.config.v1+json`, digest: await blob(name, image), size: image.length },
      layers: [{ mediaType: `${OCI}.layer.v1.tar+gzip`, digest: await blob(name, layer), size: layer.length }],
    }
    const digest = await put(name, tag, manifest.mediaType, manifest)
    return { mediaType: manifest.mediaType, digest, size: JSON.stringify(manifest).length, platform: { os, architecture } }
  }
  return {
    host,
    folder,
    put,
    async push(name, tag, platforms) {
      const [single] = platforms
      if (platforms.length === 1 && single !== undefined) return ((await one(name, tag, single)) as { digest: string }).digest
      const manifests: object[] = []
      for (const platform of platforms) manifests.push(await one(name, '', platform))
      return put(name, tag, `${OCI}.index.v1+json`, { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests })
    },
    async [Symbol.asyncDispose]() {
      server.kill()
      await new Promise((resolve) => server.once('exit', resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
