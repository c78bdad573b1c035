/**
 * A bucket of an S3-compatible store with object lock: the store itself keeps what it was told until its time, against its own operators too (mode
 * `compliance`; in `governance` some of them may shorten it; with `none` nothing is locked). Things lie under `<prefix>sha256/<digest>`.
 *
 * A version that is there is never replaced by another: a second put of the same bytes is a read. Deleting removes every version and every marker, and
 * never asks to bypass a lock.
 */
import { createHash } from 'node:crypto'
import { sha256 } from '../../../evidence/core/digest.ts'
import { Sha256 } from '../../../evidence/model/primitives.ts'
import { StorageError } from '../error.ts'
import { MAX_ITEM, type Found, type Item, type Keeper } from '../keeper.ts'
import { s3Call, type S3Answer, type S3Call, type S3Place } from './s3-request.ts'

export interface S3Options extends S3Place {
  readonly mode: 'compliance' | 'governance' | 'none'
  /** Empty, or ends with a slash. */
  readonly prefix: string
  /** Wall clock: a lock of the past is refused by every server. */
  readonly now: () => number
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'
const MAX_PAGES = 1000

export function s3Keeper(of: S3Options): Keeper {
  const locks = of.mode !== 'none'
  const mode = of.mode.toUpperCase()
  const keyOf = (item: Pick<Item, 'sha256'>): string => `${of.prefix}sha256/${Sha256.parse(item.sha256)}`
  const call = (what: S3Call): Promise<S3Answer> => s3Call(of, what)

  async function get(item: Item): Promise<Uint8Array | null> {
    const answer = await call({ method: 'GET', key: keyOf(item), maxBytes: MAX_ITEM })
    if (answer.status === 404) return null
    if (answer.status !== 200) throw refusal(answer, 'reading')
    if (sha256(answer.body) !== item.sha256) throw new StorageError('changed', `what ${of.name} has under ${item.sha256} has another digest`)
    return answer.body
  }

  async function head(item: Item): Promise<Found | null> {
    const answer = await call({ method: 'HEAD', key: keyOf(item) })
    if (answer.status === 404) return null
    if (answer.status !== 200) throw refusal(answer, 'looking')
    const until = Date.parse(one(answer, 'x-amz-object-lock-retain-until-date') ?? '')
    return {
      size: Number(answer.headers['content-length'] ?? 0),
      lockedUntil: Number.isNaN(until) ? null : new Date(until).toISOString(),
      held: one(answer, 'x-amz-object-lock-legal-hold') === 'ON',
      immutable: false,
    }
  }

  async function extend(item: Item, until: string): Promise<void> {
    if (!locks || Date.parse(until) <= of.now()) return
    const found = await head(item)
    if (found === null) throw new StorageError('absent', `${item.sha256} is not in ${of.name}`)
    if (found.lockedUntil !== null && Date.parse(found.lockedUntil) >= seconds(until)) return
    const body = `<Retention xmlns="${NAMESPACE}"><Mode>${mode}</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`
    await change(item, 'retention', body)
  }

  async function change(item: Item, what: 'retention' | 'legal-hold', text: string): Promise<void> {
    const body = Buffer.from(text)
    const headers = { 'content-type': 'application/xml', 'content-md5': createHash('md5').update(body).digest('base64') }
    const answer = await call({ method: 'PUT', key: keyOf(item), query: { [what]: '' }, headers, body })
    if (answer.status === 404) throw new StorageError('absent', `${item.sha256} is not in ${of.name}`)
    if (answer.status >= 300) throw refusal(answer, `setting the ${what}`)
  }

  /** Versions and delete markers of one key; an unversioned bucket has one version named `null`. */
  async function versionsOf(key: string): Promise<readonly string[]> {
    const found: string[] = []
    let from: Record<string, string> = {}
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await call({ method: 'GET', key: null, query: { versions: '', prefix: key, ...from } })
      if (answer.status !== 200) throw refusal(answer, 'listing the versions')
      const xml = textOf(answer)
      for (const [, part = ''] of xml.matchAll(/<(?:Version|DeleteMarker)>(.*?)<\/(?:Version|DeleteMarker)>/gs))
        if (tag(part, 'Key') === key) found.push(tag(part, 'VersionId') ?? 'null')
      if (tag(xml, 'IsTruncated') !== 'true') return found
      from = { 'key-marker': tag(xml, 'NextKeyMarker') ?? '', 'version-id-marker': tag(xml, 'NextVersionIdMarker') ?? '' }
    }
    throw new StorageError('too-large', `${of.name} lists more pages than can be`)
  }

  /** A part of the bucket's configuration; null: it has none. */
  async function told(what: string): Promise<string | null> {
    const answer = await call({ method: 'GET', key: null, query: { [what]: '' } })
    if (answer.status === 404) return null
    if (answer.status !== 200) throw refusal(answer, `telling its ${what}`)
    return textOf(answer)
  }

  function refusal(answer: S3Answer, what: string): StorageError {
    const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(textOf(answer))?.[1]
    return new StorageError(
      'refused',
      `${of.name} refused ${what}: ${answer.status}${code === undefined ? '' : ` ${code}`}. Check its keys, bucket and rights.`,
    )
  }

  return {
    name: of.name,
    kind: 's3',
    takesAnything: true,
    async put(item, bytes, until) {
      if (sha256(bytes) !== item.sha256) throw new StorageError('refused', 'the bytes have not the digest they are put under')
      const there = await get(item).catch((error: unknown) => {
        if (error instanceof StorageError && error.code === 'changed') return null
        throw error
      })
      if (there === null) {
        const lock = locks && Date.parse(until) > of.now() ? { 'x-amz-object-lock-mode': mode, 'x-amz-object-lock-retain-until-date': until } : {}
        const answer = await call({ method: 'PUT', key: keyOf(item), headers: { 'content-type': 'application/octet-stream', ...lock }, body: bytes })
        if (answer.status !== 200) throw refusal(answer, 'keeping')
        if ((await get(item)) === null) throw new StorageError('changed', `${of.name} took it and does not have it`)
      } else await extend(item, until)
      return { location: `${of.endpoint.origin}/${of.bucket}/${keyOf(item)}` }
    },
    get,
    head,
    async list() {
      const found: string[] = []
      let from: Record<string, string> = {}
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer = await call({ method: 'GET', key: null, query: { 'list-type': '2', prefix: `${of.prefix}sha256/`, ...from } })
        if (answer.status !== 200) throw refusal(answer, 'listing')
        const xml = textOf(answer)
        for (const [, key = ''] of xml.matchAll(/<Key>([^<]*)<\/Key>/g)) found.push(...(/\/?sha256\/([0-9a-f]{64})$/.exec(key)?.slice(1) ?? []))
        if (tag(xml, 'IsTruncated') !== 'true') return found.toSorted()
        from = { 'continuation-token': tag(xml, 'NextContinuationToken') ?? '' }
      }
      throw new StorageError('too-large', `${of.name} lists more pages than can be`)
    },
    async hold(item, on) {
      if (locks) await change(item, 'legal-hold', `<LegalHold xmlns="${NAMESPACE}"><Status>${on ? 'ON' : 'OFF'}</Status></LegalHold>`)
    },
    extend,
    async delete(item) {
      const key = keyOf(item)
      const versions = await versionsOf(key)
      if (versions.length === 0) return 'absent'
      for (const version of versions) {
        const answer = await call({ method: 'DELETE', key, query: { versionId: version } })
        if (answer.status >= 300 && answer.status !== 404)
          throw answer.status === 403 || answer.status === 400
            ? new StorageError('locked', `${of.name} does not let ${item.sha256} go: it is locked or held there.`)
            : refusal(answer, 'deleting')
      }
      if ((await versionsOf(key)).length > 0) throw new StorageError('locked', `${of.name} still has a version of ${item.sha256}`)
      return 'deleted'
    },
    async check() {
      const versioning = tag((await told('versioning')) ?? '', 'Status')
      const lock = tag((await told('object-lock')) ?? '', 'ObjectLockEnabled')
      return [
        ...(versioning === 'Enabled' ? [] : [`versioning of the bucket ${of.bucket} is not enabled: what is deleted or replaced is lost`]),
        ...(lock === 'Enabled'
          ? []
          : [`the bucket ${of.bucket} has no object lock: nothing stops an early deletion. Make one with object lock enabled`]),
        ...(locks ? [] : ['its mode is none: nothing is locked']),
        ...(of.mode === 'governance' ? ['its mode is governance: whoever may bypass it can delete early'] : []),
      ]
    },
  }
}

/** Servers keep locks to the second. */
function seconds(time: string): number {
  return Math.floor(Date.parse(time) / 1000) * 1000
}

function one(answer: S3Answer, header: string): string | undefined {
  const value = answer.headers[header]
  return Array.isArray(value) ? value[0] : value
}

function textOf(answer: S3Answer): string {
  return Buffer.from(answer.body).toString('utf8')
}

function tag(xml: string, name: string): string | undefined {
  const value = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  return value?.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&amp;', '&')
}
