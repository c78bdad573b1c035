/**
 * A small, strict double of an S3-compatible server: one bucket with versioning and object lock, a clock of its own, and its own check of Signature
 * Version 4 (from the published description, not with the library under test). What it does not know it refuses.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const KEY_ID = 'AKIDEXAMPLE'
export const SECRET = 'a-secret-of-the-double/+='

interface Version {
  readonly id: string
  readonly bytes: Buffer
  mode: string | null
  until: number | null
  held: boolean
}

export interface S3Double {
  readonly url: string
  readonly objects: Map<string, Version[]>
  readonly asked: { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers'] }[]
  now: number
  versioning: boolean
  locking: boolean
  /** Answers instead, once for each call, until it says null. */
  fault: ((request: IncomingMessage, response: ServerResponse) => boolean) | null
  close(): Promise<void>
}

const sha = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex')
const mac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest()
const escaped = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

/** '' when the signature is right, else why not. */
function wrongSignature(request: IncomingMessage, body: Buffer, now: number): string {
  const { authorization = '', host = '' } = request.headers
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    )
  if (match === null) return 'AuthorizationHeaderMalformed'
  const [, keyId, day = '', region = '', names = '', signature = ''] = match
  if (keyId !== KEY_ID) return 'InvalidAccessKeyId'
  const date = String(request.headers['x-amz-date'])
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(at - now) <= 15 * 60_000) || !date.startsWith(day)) return 'RequestTimeTooSkewed'
  if (request.headers['x-amz-content-sha256'] !== sha(body)) return 'XAmzContentSHA256Mismatch'
  const signed = names.split(';')
  if (
    !signed.includes('host') ||
    !Object.keys(request.headers)
      .filter((name) => name.startsWith('x-amz-'))
      .every((name) => signed.includes(name))
  )
    return 'AccessDenied'
  const url = new URL(request.url ?? '', `http://${host}`)
  const query = [...url.searchParams]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted()
    .join('&')
  const headers = signed
    .map(
      (name) =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/\s+/g, ' ')}\n`,
    )
    .join('')
  const canonical = [request.method, url.pathname, query, headers, names, sha(body)].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', date, `${day}/${region}/s3/aws4_request`, sha(canonical)].join('\n')
  const key = mac(mac(mac(mac(`AWS4${SECRET}`, day), region), 's3'), 'aws4_request')
  return timingSafeEqual(Buffer.from(signature, 'hex'), mac(key, toSign)) ? '' : 'SignatureDoesNotMatch'
}

export async function s3Double(): Promise<S3Double> {
  let last = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      double.asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers })
      if (double.fault?.(request, response) === true) return
      answer(request, response, Buffer.concat(chunks))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const double: S3Double = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: new Map(),
    asked: [],
    now: Date.now(),
    versioning: true,
    locking: true,
    fault: null,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const send = (status: number, text = '', headers: Record<string, string> = {}): void => void response.writeHead(status, headers).end(text)
    const refuse = (status: number, code: string): void => send(status, `<Error><Code>${code}</Code></Error>`)
    const wrong = wrongSignature(request, body, Date.now())
    if (wrong !== '') return refuse(403, wrong)
    const url = new URL(request.url ?? '', double.url)
    const query = Object.fromEntries(url.searchParams)
    const [, bucket, ...rest] = url.pathname.split('/')
    const key = rest.join('/')
    if (bucket !== 'evidence') return refuse(404, 'NoSuchBucket')
    if (body.length > 0 && request.headers['x-amz-checksum-sha256'] !== createHash('sha256').update(body).digest('base64'))
      return refuse(400, 'BadDigest')
    if (key === '') return bucketAnswer(query, send, refuse)
    const versions = double.objects.get(key) ?? []
    const newest = versions.at(-1)
    const locked = (of: Version): boolean => of.held || (of.until !== null && of.until > double.now)
    switch (
      `${request.method} ${Object.keys(query)
        .filter((name) => name !== 'versionId')
        .join(',')}`
    ) {
      case 'PUT ': {
        const mode = request.headers['x-amz-object-lock-mode']
        const until = Date.parse(String(request.headers['x-amz-object-lock-retain-until-date']))
        if (mode !== undefined && (!double.locking || !['COMPLIANCE', 'GOVERNANCE'].includes(String(mode)) || !(until > double.now)))
          return refuse(400, 'InvalidRequest')
        const version = {
          id: String(++last),
          bytes: body,
          mode: mode === undefined ? null : String(mode),
          until: mode === undefined ? null : until,
          held: false,
        }
        double.objects.set(key, [...(double.versioning ? versions : []), version])
        return send(200)
      }
      case 'PUT retention': {
        const until = Date.parse(/<RetainUntilDate>([^<]+)</.exec(body.toString())?.[1] ?? '')
        if (newest === undefined) return refuse(404, 'NoSuchKey')
        if (!double.locking || !(until > double.now) || (newest.until !== null && until < newest.until)) return refuse(403, 'AccessDenied')
        newest.until = until
        newest.mode = /<Mode>([A-Z]+)</.exec(body.toString())?.[1] ?? null
        return send(200)
      }
      case 'PUT legal-hold': {
        const status = /<Status>(ON|OFF)</.exec(body.toString())?.[1]
        if (newest === undefined) return refuse(404, 'NoSuchKey')
        if (!double.locking || status === undefined) return refuse(400, 'MalformedXML')
        newest.held = status === 'ON'
        return send(200)
      }
      case 'GET ':
      case 'HEAD ': {
        if (newest === undefined) return refuse(404, 'NoSuchKey')
        response.writeHead(200, {
          'content-length': String(newest.bytes.length),
          ...(newest.until !== null && {
            'x-amz-object-lock-retain-until-date': new Date(newest.until).toISOString(),
            'x-amz-object-lock-mode': newest.mode ?? '',
          }),
          ...(newest.held && { 'x-amz-object-lock-legal-hold': 'ON' }),
        })
        return void response.end(request.method === 'HEAD' ? undefined : newest.bytes)
      }
      case 'DELETE ': {
        const version = versions.find((one) => one.id === query['versionId'])
        if (version === undefined) return refuse(404, 'NoSuchVersion')
        if (locked(version)) return refuse(403, 'AccessDenied')
        double.objects.set(
          key,
          versions.filter((one) => one !== version),
        )
        return send(204)
      }
      default:
        return refuse(501, 'NotImplemented')
    }
  }

  function bucketAnswer(
    query: Record<string, string>,
    send: (status: number, text?: string) => void,
    refuse: (status: number, code: string) => void,
  ): void {
    if ('versioning' in query)
      return send(200, `<VersioningConfiguration>${double.versioning ? '<Status>Enabled</Status>' : ''}</VersioningConfiguration>`)
    if ('object-lock' in query)
      return double.locking
        ? send(200, '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>')
        : refuse(404, 'ObjectLockConfigurationNotFoundError')
    const all = [...double.objects]
      .flatMap(([key, versions]) => versions.map((version) => ({ key, id: version.id })))
      .filter(({ key }) => key.startsWith(query['prefix'] ?? ''))
    // One a page, so that whoever does not go on is found.
    const from = Number(query['continuation-token'] ?? query['version-id-marker'] ?? 0)
    const item = all[from]
    const more = from + 1 < all.length
    const inner =
      item === undefined
        ? ''
        : 'versions' in query
          ? `<Version><Key>${item.key}</Key><VersionId>${item.id}</VersionId></Version>`
          : `<Contents><Key>${item.key}</Key></Contents>`
    const next = more
      ? `<NextContinuationToken>${from + 1}</NextContinuationToken><NextKeyMarker>${item?.key ?? ''}</NextKeyMarker><NextVersionIdMarker>${from + 1}</NextVersionIdMarker>`
      : ''
    if ('versions' in query || query['list-type'] === '2') return send(200, `<Result>${inner}<IsTruncated>${more}</IsTruncated>${next}</Result>`)
    return refuse(501, 'NotImplemented')
  }
  return double
}
