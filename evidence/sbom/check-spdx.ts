/**
 * What the schema of SPDX 2.3 does not say (SECURITY F14): ids are unique, references resolve, one thing is described, digests have their length, times are
 * real, licences are expressions. Takes any parsed JSON; answers with every problem as `code: what`, and with none when it holds.
 */
import { isFields } from './fields.ts'
import type { Fields } from './fields.ts'
import { isLicenceExpression, licenceRefs } from './licence.ts'
import { isDigest, isMisnamed, parsePurl, Problems, shown } from './problems.ts'
import { RELATIONSHIP_TYPES } from './spdx-relationships.ts'
import { isTime } from './time.ts'

const DOCUMENT = 'SPDXRef-DOCUMENT'
const ID = /^SPDXRef-[A-Za-z0-9.-]+$/
const NOTHING = new Set<unknown>(['NOASSERTION', 'NONE'])
const CREATOR = /^(?:Person|Organization|Tool): \S/
const LOCATION = /^(?:https?|ftps?|(?:git|hg|svn|bzr)(?:\+[a-z]+)?|ssh):\/\/\S+$|^(?:git|bzr)\+\S+$/

export function checkSpdx(value: unknown): string[] {
  const problems = new Problems()
  if (!isFields(value)) return ['document: no JSON object']
  const refs = new Set(list(value, 'hasExtractedLicensingInfos').map(({ licenseId }) => licenseId))
  checkHead(value, problems)
  const packages = list(value, 'packages')
  problems.must(packages.length > 0, 'hollow', () => 'the document names no package')
  const ids = idsOf(value, problems)
  for (const each of packages) checkPackage(each, refs, problems)
  checkRelationships(value, ids, new Set(packages.map(({ SPDXID }) => SPDXID)), problems)
  return problems.list
}

function list(fields: Fields, key: string): readonly Fields[] {
  const value = fields[key]
  return Array.isArray(value) ? value.map((each) => (isFields(each) ? each : {})) : []
}

function checkHead(document: Fields, problems: Problems): void {
  const { spdxVersion, dataLicense, SPDXID, name, documentNamespace } = document
  problems.must(spdxVersion === 'SPDX-2.3', 'version', () => `spdxVersion is ${shown(spdxVersion)}, not SPDX-2.3`)
  problems.must(dataLicense === 'CC0-1.0', 'data-license', () => `dataLicense is ${shown(dataLicense)}, not CC0-1.0`)
  problems.must(SPDXID === DOCUMENT, 'id', () => `the document is called ${shown(SPDXID)}, not ${DOCUMENT}`)
  problems.must(typeof name === 'string' && name !== '', 'name', () => 'the document has no name')
  const isUri = typeof documentNamespace === 'string' && /^[a-z][a-z0-9+.-]*:[^\s#]+$/i.test(documentNamespace)
  problems.must(isUri, 'namespace', () => `documentNamespace is ${shown(documentNamespace)}, no absolute URI without #`)
  const info = isFields(document['creationInfo']) ? document['creationInfo'] : {}
  const { created, creators } = info
  problems.must(typeof created === 'string' && isTime(created), 'created', () => `created is ${shown(created)}, no time in UTC`)
  const isMade = Array.isArray(creators) && creators.length > 0 && creators.every((each) => typeof each === 'string' && CREATOR.test(each))
  problems.must(isMade, 'creators', () => 'creators is no list of Person, Organization or Tool')
}

function idsOf(document: Fields, problems: Problems): ReadonlySet<unknown> {
  const ids = new Set<unknown>([DOCUMENT])
  for (const { SPDXID } of ['packages', 'files', 'snippets'].flatMap((key) => list(document, key))) {
    problems.must(typeof SPDXID === 'string' && ID.test(SPDXID), 'id', () => `${shown(SPDXID)} is no SPDX id`)
    problems.must(!ids.has(SPDXID), 'duplicate-id', () => `${shown(SPDXID)} stands twice`)
    ids.add(SPDXID)
  }
  return ids
}

function checkPackage(each: Fields, refs: ReadonlySet<unknown>, problems: Problems): void {
  const { SPDXID, name, versionInfo, downloadLocation } = each
  const of = (): string => shown(SPDXID)
  problems.must(typeof name === 'string' && name !== '', 'name', () => `${of()} has no name`)
  const isPlace = NOTHING.has(downloadLocation) || (typeof downloadLocation === 'string' && LOCATION.test(downloadLocation))
  problems.must(isPlace, 'download-location', () => `${of()}: ${shown(downloadLocation)} is no place to download from`)
  for (const key of ['licenseConcluded', 'licenseDeclared']) checkLicence(each[key], () => `${of()}.${key}`, refs, problems)
  const algorithms = new Set<unknown>()
  for (const { algorithm, checksumValue } of list(each, 'checksums')) {
    problems.must(isDigest(algorithm, checksumValue), 'checksum', () => `${of()}: ${shown(checksumValue)} is no ${shown(algorithm)} digest`)
    problems.must(!algorithms.has(algorithm), 'checksum', () => `${of()}: two ${shown(algorithm)} digests`)
    algorithms.add(algorithm)
  }
  for (const { referenceType, referenceLocator } of list(each, 'externalRefs')) {
    if (referenceType !== 'purl') continue
    const purl = parsePurl(referenceLocator)
    if (purl === null) problems.add('purl', `${of()}: ${shown(referenceLocator)} is no package URL`)
    else if (isMisnamed(purl, { name, version: versionInfo }))
      problems.add('purl-mismatch', `${of()}: ${shown(referenceLocator)} is not ${shown(name)} ${shown(versionInfo)}`)
  }
}

function checkLicence(value: unknown, of: () => string, refs: ReadonlySet<unknown>, problems: Problems): void {
  if (value === undefined || NOTHING.has(value)) return
  if (typeof value !== 'string' || !isLicenceExpression(value)) problems.add('licence', `${of()}: ${shown(value)} is no licence expression`)
  else
    for (const ref of licenceRefs(value)) problems.must(refs.has(ref), 'licence', () => `${of()}: ${shown(ref)} is explained nowhere in the document`)
}

function checkRelationships(document: Fields, ids: ReadonlySet<unknown>, packages: ReadonlySet<unknown>, problems: Problems): void {
  const outside = new Set(list(document, 'externalDocumentRefs').map(({ externalDocumentId }) => externalDocumentId))
  const resolves = (ref: unknown): boolean =>
    ids.has(ref) || (typeof ref === 'string' && /^DocumentRef-[^:]+:SPDXRef-/.test(ref) && outside.has(ref.split(':')[0]))
  const described = new Set<unknown>(Array.isArray(document['documentDescribes']) ? document['documentDescribes'] : [])
  for (const { spdxElementId, relatedSpdxElement, relationshipType } of list(document, 'relationships')) {
    problems.must(resolves(spdxElementId), 'dangling', () => `a relationship of ${shown(spdxElementId)}, which is not in the document`)
    const isKnown = NOTHING.has(relatedSpdxElement) || resolves(relatedSpdxElement)
    problems.must(isKnown, 'dangling', () => `a relationship to ${shown(relatedSpdxElement)}, which is not in the document`)
    problems.must(RELATIONSHIP_TYPES.has(relationshipType), 'relationship', () => `${shown(relationshipType)} is no relationship of SPDX 2.3`)
    if (relationshipType === 'DESCRIBES' && spdxElementId === DOCUMENT) described.add(relatedSpdxElement)
    if (relationshipType === 'DESCRIBED_BY' && relatedSpdxElement === DOCUMENT) described.add(spdxElementId)
  }
  problems.must(described.size === 1, 'describes', () => `the document describes ${described.size} things, not one`)
  for (const ref of described)
    problems.must(packages.has(ref), 'describes', () => `the document describes ${shown(ref)}, which is none of its packages`)
}
