/** Planted faults of template-keeper: a Dockerfile as its template made it, with a change of its own, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'

type Given = Inputs['templates']
type File = Given['files'][number]
type Version = Given['templates'][number]['versions'][number]

export const PATTERN = 'templates/dockerfile/v*.txt'
export const VALUES = { service: 'shop', port: '8080' }
const USER = ['# release-conductor: required begin user', 'USER 65532:65532', '# release-conductor: required end user']

/** The template in a version; from the third on it asks for health. @param required lines of its required section */
export function templateText(version: number, required: readonly string[] = USER): string {
  return [
    `# release-conductor: template v${version}`,
    `FROM node:24-bookworm-slim@sha256:${String(version).repeat(64)}`,
    'WORKDIR /@@service@@',
    'COPY package.json ./',
    'COPY src ./src',
    ...required,
    'EXPOSE @@port@@',
    ...(version < 3 ? [] : ['HEALTHCHECK CMD ["node", "health.mjs"]']),
    'CMD ["node", "src/main.mjs"]',
    '',
  ].join('\n')
}

/** As somebody took it from that version, and then copied one folder more. */
export function fileText(version: number, required: readonly string[] = USER): string {
  return templateText(version, required)
    .replace('@@service@@', VALUES.service)
    .replace('@@port@@', VALUES.port)
    .replace('COPY package.json ./\n', 'COPY package.json ./\nCOPY db ./db\n')
}

export function versionOf(version: number, text: string | null = templateText(version), why: string | null = null): Version {
  return { version, path: `templates/dockerfile/v${version}.txt`, text, why }
}

export function given(file: Partial<File> = {}, versions: readonly Version[] = [1, 2, 3].map((version) => versionOf(version))): Given {
  return {
    head: 'b'.repeat(40),
    base: 'a'.repeat(40),
    templates: [{ pattern: PATTERN, versions: [...versions] }],
    files: [{ path: 'Dockerfile', template: PATTERN, values: VALUES, text: fileText(3), why: null, executable: false, before: null, ...file }],
  }
}

function red(catches: string, rule: string, templates: Given): PlantedInput<'templates'> {
  return { catches, expected: 'red', inputs: { templates }, rules: [`template.${rule}`] }
}

function green(catches: string, templates: Given): PlantedInput<'templates'> {
  return { catches, expected: 'green', inputs: { templates } }
}

const REMOVED = 'a security section removed from a templated file'
const CHANGED = 'a security section weakened in a templated file'
const MOVED = 'a security section moved within a templated file'
const BEHIND = 'template two versions behind'
const BACK = 'a release that goes back to an older version'
const UNCOMPARED = 'a templated file that nobody compared'
const BEGUN = USER.slice(0, 1)
const ROOT = ['# release-conductor: required begin user', 'USER root', '# release-conductor: required end user']

export const planted: readonly PlantedInput<'templates'>[] = [
  green(REMOVED, given()),
  red(REMOVED, 'section-removed', given({ text: fileText(3, []) })),
  red(REMOVED, 'section-removed', given({ text: fileText(3, ['USER 65532:65532']) })),
  red(REMOVED, 'section-removed', given({ text: fileText(3, []).replace('template v3', 'of ours') })),
  green(REMOVED, given({ text: fileText(2, []) }, [versionOf(2, templateText(2, ['# nothing'])), versionOf(3)])),
  red(CHANGED, 'section-changed', given({ text: fileText(3, ROOT) })),
  red(CHANGED, 'section-changed', given({ text: fileText(3, [...BEGUN, '# USER 65532:65532', ...USER.slice(2)]) })),
  red(CHANGED, 'section-changed', given({ text: fileText(3, [...USER, ...ROOT]) })),
  red(CHANGED, 'section-changed', given({ text: fileText(3, BEGUN) })),
  green(CHANGED, given({ text: fileText(2, ROOT) }, [versionOf(2), versionOf(3, templateText(3, ROOT))])),
  red(MOVED, 'section-moved', given({ text: fileText(3, []).replace('FROM', `${USER.join('\n')}\nFROM`) })),
  green(MOVED, given({ text: fileText(3).replace('COPY db ./db\n', 'COPY db ./db\n'.repeat(40)) })),
  red(BEHIND, 'behind', given({ text: fileText(1) })),
  green(BEHIND, given({ text: fileText(2) })),
  red(BACK, 'downgraded', given({ text: fileText(2), before: fileText(3) })),
  green(BACK, given({ text: fileText(3), before: fileText(2) })),
  green(BACK, given({ text: fileText(2), before: fileText(9) })),
  red(UNCOMPARED, 'absent', given({}, [])),
  red(UNCOMPARED, 'unread', given({}, [versionOf(3, null, 'it is not UTF-8 text')])),
  red(UNCOMPARED, 'file-unread', given({ text: null, why: 'there is no such file' })),
  red(UNCOMPARED, 'no-version', given({ text: fileText(3).replace('template v3', 'of ours') })),
  red(UNCOMPARED, 'no-version', given({ text: `# release-conductor: template v2\n${fileText(3)}` })),
  red(UNCOMPARED, 'unknown-version', given({ text: fileText(4) })),
  red(UNCOMPARED, 'unknown-placeholder', given({ values: { service: 'shop' } })),
  red(UNCOMPARED, 'invalid', given({}, [versionOf(3, templateText(2))])),
  red(UNCOMPARED, 'invalid', given({}, [versionOf(3, templateText(3, BEGUN))])),
  red(UNCOMPARED, 'too-long', given({ text: `${fileText(3)}${'\n'.repeat(3000)}` })),
  green(UNCOMPARED, given({ text: fileText(3).replaceAll('\n', '\r\n') })),
]
