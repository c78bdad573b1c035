import { z } from 'zod'
import { sha256 } from '../../evidence/core/digest.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { capped, count } from '../tally.ts'
import { compared, type Compared } from './template-keeper.compare.ts'
import { planted } from './template-keeper.faults.ts'

type Given = Inputs['templates']

/** What the report shows of each change; what it leaves out is counted. */
const MOST_SHOWN = { changes: 20, lines: 20, characters: 200 }

export const templateKeeper = agent({
  id: 'A51',
  name: 'template-keeper',
  phase: ['P0'],
  gate: ['hardening'],
  topic: 'templates',
  question: 'Is each file that came from a golden template no more than one version behind it, with all that the template requires?',
  why: 'What was once made safe in a template goes from its copies one quiet edit at a time.',
  version: 1,
  needs: ['templates'],
  writes: ['templates/drift.json'],
  policy: z.object({}),
  assess({ templates }) {
    const all = comparisons(templates)
    const findings = capped(distinct(all.flatMap((one) => one.findings)))
    const looked = all.filter(({ state }) => state !== 'not-compared')
    const metrics = {
      templated_files: all.length,
      templates_unread: all.length - looked.length,
      behind: all.filter(({ behind }) => behind > 0).length,
      drifted: all.filter(({ drift }) => drift.length > 0).length,
      conflicts: all.filter(({ state }) => state === 'conflict').length,
      required_sections: all.reduce((sum, { sections }) => sum + sections.length, 0),
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'hardening',
          metrics,
          // No threshold on errors: exceptions are granted by the gate's policy, so an error here is not yet a no.
          thresholds: { templated_files: '>0', templates_unread: '=0' },
          measured: {
            n: looked.length,
            window: `${templates.head} against templates at ${templates.base}`,
            source: 'git',
            query: all
              .map(({ file, template }) => `${file} from ${template}`)
              .join(', ')
              .slice(0, 2000),
          },
        },
      ],
      files: [{ path: 'templates/drift.json', type: 'report', content: driftOf(templates, all, metrics, findings) }],
      notes: `${looked.length} of ${all.length} templated files were compared: ${metrics.behind} are behind, ${metrics.drifted} have changes of their own, ${metrics.errors} errors.`,
      next:
        metrics.errors === 0
          ? 'Nothing to do.'
          : 'Do what each finding says; `release-conductor run --phase=P0 --plan` shows files brought up to date.',
    }
  },
  plan({ templates }) {
    return comparisons(templates).flatMap(({ file, template, version, newest, update }) =>
      update === null ? [] : [{ kind: 'file.write' as const, path: file, text: update, why: `From v${version} to v${newest} of ${template}` }],
    )
  },
  planted,
})

function comparisons({ files, templates }: Given): readonly Compared[] {
  const versions = new Map(templates.map(({ pattern, versions: of }) => [pattern, of]))
  return files.map((file) => compared(file, versions.get(file.template) ?? []))
}

/** What is wrong with a template is told once, however many files came from it. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()]
}

function driftOf({ head, base, templates }: Given, all: readonly Compared[], metrics: object, findings: readonly Finding[]): object {
  return {
    version: 1,
    commit: head,
    base,
    templates: templates.map(({ pattern, versions }) => ({
      pattern,
      versions: versions.map(({ version, path, text }) => ({ version, path, sha256: text === null ? null : sha256(text) })),
    })),
    files: all.map(({ file, template, version, newest, behind, state, sections, drift, conflicts, update }) => ({
      file,
      template,
      version,
      newest,
      behind,
      state,
      planned: update !== null,
      sections,
      changes: drift.length,
      drift: drift.slice(0, MOST_SHOWN.changes).map(({ line, removed, added }) => ({ line, removed: shown(removed), added: shown(added) })),
      conflicts: conflicts
        .slice(0, MOST_SHOWN.changes)
        .map(({ line, base: was, ours, theirs }) => ({ line, base: shown(was), ours: shown(ours), theirs: shown(theirs) })),
    })),
    metrics,
    findings,
  }
}

function shown(lines: readonly string[]): { readonly count: number; readonly lines: readonly string[] } {
  return { count: lines.length, lines: lines.slice(0, MOST_SHOWN.lines).map((line) => line.slice(0, MOST_SHOWN.characters)) }
}
