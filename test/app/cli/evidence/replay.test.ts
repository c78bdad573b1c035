import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { GATES } from '../../../../gates/index.ts'
import { REQUIRED_FOR_MERGE } from '../../../../gates/all-required-gates.ts'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { replayAnswer } from '../../../../app/cli/evidence/replay.ts'
import { AgentResponsePredicate, ApprovalPredicate, DecisionPredicate, VerdictPredicate } from '../../../../evidence/model/statement.ts'
import { Verdict } from '../../../../evidence/model/verdict.ts'
import { documentBytes, GoNoGo, RolloutSeries } from '../../../../evidence/pack/documents.ts'
import type { Replayed } from '../../../../evidence/pack/replayed.ts'
import { trustOf } from '../../../../evidence/verify/trust.ts'
import { Opened } from '../../../support/repack.ts'
import { APP, APP_KEY, APP_SIGNER, JOB, JOB_KEY, JOB_SIGNER, sealedRelease } from '../../../support/sealed-release.ts'
import { cli, emptyFolder, type Ran } from '../harness.ts'

const VERDICT = 'verdicts/policy_ci.json'
const STATEMENT = 'attestations/verdict-policy_ci.sigstore.json'
const DECISION = 'attestations/decision-prod-1-1.sigstore.json'

let packs: ReadonlyMap<number, Uint8Array>
let withdrawn: ReadonlyMap<number, Uint8Array>
beforeAll(async () => {
  ;({ packs } = await sealedRelease())
  ;({ packs: withdrawn } = await sealedRelease({ share: 0.3 }))
})

/** Verifies a pack of this release, as a stranger with both public keys does. */
async function ask(zip: Uint8Array, ...more: readonly string[]): Promise<Ran> {
  const cwd = emptyFolder()
  writeFileSync(join(cwd, 'evidence.zip'), zip)
  writeFileSync(join(cwd, 'jobs.pub'), JOB.publicKeyPem)
  writeFileSync(join(cwd, 'app.pub'), APP.publicKeyPem)
  return cli(['evidence', 'verify', 'evidence.zip', '--key=jobs=jobs.pub', '--pack-key=app=app.pub', ...more], { cwd })
}

async function sealed(seal: number, change: (pack: Opened) => Promise<void> | void): Promise<Uint8Array> {
  const pack = new Opened(packs.get(seal) ?? new Uint8Array())
  await change(pack)
  return pack.seal(APP_SIGNER)
}

const loosen = (verdict: Verdict): void => void (verdict.thresholds['open_errors'] = '<=5')

const flip = (verdict: Verdict): void => {
  verdict.verdict = 'fail'
  verdict.reasons = [{ code: 'policy_ci.findings', message: 'm', next: 'n' }]
}

const older = (verdict: Verdict): void => void (verdict.at = '1970-01-01T00:00:00.000Z')

interface Told {
  readonly exit: number
  /** `subject result`, of what is not the same. */
  readonly odd: readonly string[]
  readonly fields: readonly string[]
}

async function replay(zip: Uint8Array): Promise<Told> {
  const { exit, out } = await ask(zip, '--replay', '--json')
  const { replay: told } = JSON.parse(out) as { replay: Record<'responses' | 'gates' | 'decisions' | 'commands' | 'steps' | 'pictures', Replayed[]> }
  const all = [...told.responses, ...told.gates, ...told.decisions, ...told.commands, ...told.steps, ...told.pictures]
  const rows = all.filter((row) => row.result !== 'same')
  return { exit, odd: rows.map((row) => `${row.subject} ${row.result}`), fields: rows.flatMap((row) => row.differences.map(({ field }) => field)) }
}

describe('an honest pack', () => {
  test.each([1, 2])('seal %i is computed again and comes out the same', async (seal) => {
    const { exit, out } = await ask(packs.get(seal) ?? new Uint8Array(), '--replay')
    expect(out).toContain('everything comes out the same')
    expect(out).toMatch(/policy_ci +pass +pass +yes/)
    expect(out).toMatch(/decision for prod up to 100 % +[0-9a-f]{32} +[0-9a-f]{32} +yes/)
    expect(out).toMatch(/\/promote of approver in IC_\d+ +allowed +allowed +yes/)
    expect(out).toMatch(/lint-marshal on commits, for policy_ci +ok, 0 findings +ok, 0 findings +yes/)
    expect(exit).toBe(0)
  })

  test('of a rollout: every step is judged again and every picture drawn again', async () => {
    const { out } = await ask(packs.get(2) ?? new Uint8Array(), '--replay')
    expect(out).toMatch(/10 % of prod +advance +advance +yes[^]*slo\/prod-100\.png +[0-9a-f]{12} +[0-9a-f]{12} +yes/)
  })

  test('says so to programs, next to the report', async () => {
    const { out } = await ask(packs.get(2) ?? new Uint8Array(), '--replay', '--json')
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      manifest: { seal: 2 },
      replay: { result: 'same', gates: GATES.map(() => ({ result: 'same' })) },
    })
  })
})

describe('a pack with a waiver', () => {
  test('holds it signed, shows the gate as waived, and comes out the same', async () => {
    const waived = (await sealedRelease({ waive: true })).packs.get(1) ?? new Uint8Array()
    const { exit, out } = await ask(waived, '--replay')
    expect(out).toMatch(/policy_ci +waived +waived +yes/)
    expect(out).not.toContain('since it was taken')
    expect(out).toMatch(/all_required_gates +pass +pass +yes/)
    expect(out).toContain('everything comes out the same')
    expect(exit).toBe(0)
    const pack = new Opened(waived)
    expect(GoNoGo.parse(JSON.parse(Buffer.from(pack.files.get('go_no_go.json') ?? '').toString())).exceptions).toMatchObject([{ gate: 'policy_ci' }])
    expect(pack.files.has('attestations/waiver-policy_ci-1.sigstore.json')).toBe(true)
    pack.files.delete('attestations/waiver-policy_ci-1.sigstore.json')
    expect((await replay(await pack.seal(APP_SIGNER))).odd).toContain('policy_ci differs')
  })
})

describe('a pack of a hotfix', () => {
  let hotfix: Uint8Array
  beforeAll(async () => {
    hotfix = (await sealedRelease({ hotfix: true })).packs.get(1) ?? new Uint8Array()
  })

  test('holds one waiver with the gates it covers, shows what it let stand as waived, and comes out the same', async () => {
    const { exit, out } = await ask(hotfix, '--replay')
    expect(out).toMatch(/policy_ci +waived +waived +yes/)
    expect(out).toMatch(/hardening +pass +pass +yes/)
    expect(out).toMatch(/\/waive of second in IC_\d+ +allowed +allowed +yes/)
    expect(out).toContain('everything comes out the same')
    expect(exit).toBe(0)
    const { files } = new Opened(hotfix)
    expect(GoNoGo.parse(JSON.parse(Buffer.from(files.get('go_no_go.json') ?? '').toString())).exceptions).toMatchObject([
      { gate: 'hotfix', must_hold: ['hardening', 'supply_chain'], covers: ['perf', 'policy_ci', 'preview_budget', 'slo'], issue: expect.any(Number) },
    ])
    expect([...files.keys()].filter((path) => path.startsWith('attestations/waiver-'))).toEqual(['attestations/waiver-hotfix-1.sigstore.json'])
  })

  test('with another list of gates in its config comes out differently', async () => {
    const pack = new Opened(hotfix)
    const text = Buffer.from(pack.files.get('config.yml') ?? '').toString()
    pack.files.set('config.yml', Buffer.from(text.replace('gates: [hardening, supply_chain]', 'gates: [hardening, policy_ci]')))
    expect((await replay(await pack.seal(APP_SIGNER))).odd).toContain('policy_ci differs')
  })

  test('whose waiver is gone, or is no exception, does not keep its contract', async () => {
    const gone = new Opened(hotfix)
    gone.files.delete('attestations/waiver-hotfix-1.sigstore.json')
    const { exit, out, err } = await ask(await gone.seal(APP_SIGNER))
    expect(exit).not.toBe(0)
    expect(out + err).toContain('it is waived, and cites no believed waiver of it')
    const hidden = new Opened(hotfix)
    const document = GoNoGo.parse(JSON.parse(Buffer.from(hidden.files.get('go_no_go.json') ?? '').toString()))
    const exceptions = document.exceptions.map((one) => ({ ...one, covers: ['slo'] }))
    hidden.files.set('go_no_go.json', documentBytes({ ...document, exceptions }))
    const told = await ask(await hidden.seal(APP_SIGNER))
    expect(told.out + told.err).toContain('policy_ci is waived, and the exceptions do not say so')
  })
})

describe('a pack of a broken glass', () => {
  let glass: Uint8Array
  beforeAll(async () => {
    glass = (await sealedRelease({ breakGlass: true })).packs.get(1) ?? new Uint8Array()
  })

  test('says who let it through, is a go with an exception, and comes out the same', async () => {
    const { exit, out } = await ask(glass, '--replay')
    expect(out).toMatch(/policy_ci +indeterminate +indeterminate +yes/)
    expect(out).toMatch(/all_required_gates +waived +waived +yes/)
    expect(out).toMatch(/go\/no-go +go +go +yes/)
    expect(out).toContain('everything comes out the same')
    expect(exit).toBe(0)
    const { files } = new Opened(glass)
    expect(JSON.parse(Buffer.from(files.get('go_no_go.json') ?? '').toString())).toMatchObject({
      decision: 'go',
      gates: { policy_ci: 'indeterminate', all_required_gates: 'waived' },
      exceptions: [{ gate: 'all_required_gates', reason: 'the shop is down and this is the fix' }],
    })
    expect(Buffer.from(files.get('release_notes.md') ?? '').toString()).toContain('ships by break-glass')
  })

  test('without its waiver it does not verify', async () => {
    const pack = new Opened(glass)
    pack.files.delete('attestations/waiver-all_required_gates-1.sigstore.json')
    const { exit, out, err } = await ask(await pack.seal(APP_SIGNER))
    expect(exit).toBe(1)
    expect(out + err).toContain('cites no believed waiver')
  })

  test('without its exception it does not verify', async () => {
    const pack = new Opened(glass)
    pack.edit('go_no_go.json', GoNoGo, (said) => void (said.exceptions = []))
    const { exit, out, err } = await ask(await pack.seal(APP_SIGNER))
    expect(exit).toBe(1)
    expect(out + err).toContain('the exceptions do not say so')
  })
})

describe('a threshold edited inside a pack, sealed again with the key of the App', () => {
  test('in the verdict and in its statement: every signature holds, and the replay names the gate and the field', async () => {
    const zip = await sealed(2, async (pack) => {
      pack.edit(VERDICT, Verdict, loosen)
      await pack.restate(STATEMENT, VerdictPredicate, APP_SIGNER, ({ verdict }) => loosen(verdict))
      // The gate over gates cites the verdict by its digest.
      const cite = (all: Verdict): void => {
        for (const ref of all.evidence) if (ref.path === VERDICT) ref.sha256 = sha256(pack.files.get(VERDICT) ?? '')
      }
      pack.edit('verdicts/all_required_gates.json', Verdict, cite)
      await pack.restate('attestations/verdict-all_required_gates.sigstore.json', VerdictPredicate, APP_SIGNER, ({ verdict }) => cite(verdict))
    })
    expect((await ask(zip)).exit).toBe(0)
    const { exit, out } = await ask(zip, '--replay')
    expect(exit).toBe(1)
    expect(out).toMatch(/policy_ci +pass +pass +NO/)
    expect(out).toMatch(/verdict\.thresholds\.open_errors +"<=5" +"=0"/)
    const told = await replay(zip)
    expect(told.odd).toContain('policy_ci differs')
    expect(told.odd).not.toContain('hardening differs')
  })

  test('in the verdict alone: it does not verify, and the replay still names the gate and the field', async () => {
    const zip = await sealed(2, (pack) => pack.edit(VERDICT, Verdict, loosen))
    const { exit, out } = await ask(zip, '--replay')
    expect(exit).toBe(1)
    expect(out).toContain('does not verify')
    expect(out).toMatch(/verdict\.thresholds\.open_errors +"<=5" +"=0"/)
  })

  test('in the config: each gate was decided from another one, and the decision too', async () => {
    const zip = await sealed(2, (pack) => {
      const text = Buffer.from(pack.files.get('config.yml') ?? '').toString()
      pack.files.set(
        'config.yml',
        Buffer.from(
          text.replace(
            'gates: {',
            'gates: { hardening: { exceptions: [{ rule: image.user-root, path: Dockerfile, owner: "@a/b", reason: legacy, until: 2030-01-01 }] },',
          ),
        ),
      )
    })
    expect((await ask(zip)).exit).toBe(0)
    const { exit, odd, fields } = await replay(zip)
    expect(exit).toBe(1)
    expect(odd).toEqual([
      ...REQUIRED_FOR_MERGE.toSorted().map((id) => `${id} differs`),
      'all_required_gates differs',
      'decision for prod up to 100 % differs',
    ])
    expect(new Set(fields)).toEqual(new Set(['context.policy_digest', 'decision.policy_digest']))
  })
})

describe('other lies, sealed again with the key of the App', () => {
  test('an outcome flipped everywhere it stands', async () => {
    const pack = new Opened(withdrawn.get(2) ?? new Uint8Array())
    pack.edit(VERDICT, Verdict, flip)
    await pack.restate(STATEMENT, VerdictPredicate, APP_SIGNER, ({ verdict }) => flip(verdict))
    pack.edit('go_no_go.json', GoNoGo, (said) => {
      said.gates['policy_ci'] = 'fail'
      said.decision = 'no_go'
    })
    const { exit, odd, fields } = await replay(await pack.seal(APP_SIGNER))
    expect(exit).toBe(1)
    expect(odd).toEqual(expect.arrayContaining(['policy_ci differs', 'go/no-go differs']))
    expect(fields).toEqual(expect.arrayContaining(['verdict.verdict', 'go_no_go.gates.policy_ci', 'go_no_go.decision']))
  })

  test('a go that is said to be a no-go', async () => {
    const pack = new Opened(withdrawn.get(2) ?? new Uint8Array())
    pack.edit('go_no_go.json', GoNoGo, (said) => void (said.decision = 'no_go'))
    const zip = await pack.seal(APP_SIGNER)
    expect((await ask(zip)).exit).toBe(0)
    expect(await replay(zip)).toEqual({ exit: 1, odd: ['go/no-go differs'], fields: ['go_no_go.decision'] })
  })

  test('evidence taken out, and the evidence root made to fit', async () => {
    const zip = await sealed(1, (pack) => {
      const path = [...pack.files.keys()].find((name) => name.startsWith('attestations/agent-response-images'))
      pack.files.delete(path ?? '')
    })
    const { exit, odd } = await replay(zip)
    expect(exit).toBe(1)
    expect(odd).toEqual(expect.arrayContaining(['hardening differs', 'all_required_gates differs', 'decision for prod up to 100 % differs']))
    expect(odd).not.toContain('policy_ci differs')
  })

  test('another plan in the decision, and one that only the approval has', async () => {
    const plan = '0'.repeat(32)
    const swapped = await sealed(2, (pack) => pack.restate(DECISION, DecisionPredicate, APP_SIGNER, (said) => void (said.plan = plan)))
    expect((await ask(swapped)).exit).toBe(0)
    const told = await replay(swapped)
    expect([told.exit, told.odd]).toEqual([1, ['decision for prod up to 100 % differs', 'approval for prod up to 100 % differs']])
    expect(told.fields).toEqual(expect.arrayContaining(['decision.plan', 'approval.plan', 'ledger.decision']))
    const alone = await sealed(2, (pack) => void pack.files.delete(DECISION))
    expect((await replay(alone)).odd).toContain('approval for prod up to 100 % differs')
  })

  test('another step in decision and approval than was agreed', async () => {
    const zip = await sealed(2, async (pack) => {
      await pack.restate(DECISION, DecisionPredicate, APP_SIGNER, (said) => void (said.step = 50))
      await pack.restate('attestations/approval-prod-1-1.sigstore.json', ApprovalPredicate, APP_SIGNER, (said) => void (said.step = 50))
    })
    expect((await replay(zip)).fields).toEqual(['decision.plan', 'ledger.decision'])
  })

  test('a verdict that claims to be older than the ledger knows', async () => {
    const zip = await sealed(2, async (pack) => {
      pack.edit(VERDICT, Verdict, older)
      await pack.restate(STATEMENT, VerdictPredicate, APP_SIGNER, ({ verdict }) => older(verdict))
    })
    expect((await replay(zip)).fields).toContain('ledger.verdict')
  })
})

describe('a lie of the jobs, sealed by an App that believed it', () => {
  test('a number in a response, signed again with the key of the jobs: agent and gate are named', async () => {
    const path = [...new Opened(packs.get(2) ?? new Uint8Array()).files.keys()].find((name) => name.startsWith('attestations/agent-response-commits'))
    const zip = await sealed(2, (pack) =>
      pack.restate(path ?? '', AgentResponsePredicate, JOB_SIGNER, ({ response }) => {
        for (const verdict of response.verdicts) verdict.metrics['commits'] = 999
      }),
    )
    const { exit, odd, fields } = await replay(zip)
    expect([exit, odd[0]]).toEqual([1, 'lint-marshal on commits, for policy_ci differs'])
    expect(fields).toContain('response.response.verdicts[0].metrics.commits')
  })
})

describe('a series that was changed, sealed again with the key of the App', () => {
  const path = 'slo/prod-10.json'

  test('is not what the judge saw, and not what the picture shows', async () => {
    const zip = await sealed(2, (pack) =>
      pack.edit(path, RolloutSeries, ({ samples }) => {
        for (const sample of samples) if (sample.canary !== null) sample.canary.errors += sample.canary.requests > 200 ? 1 : 0
      }),
    )
    expect((await ask(zip)).exit).toBe(0)
    const { exit, odd } = await replay(zip)
    expect([exit, odd]).toEqual([1, ['10 % of prod differs', 'slo/prod-10.png differs']])
  })

  test('by a note alone: nobody judges by it, and nothing is drawn of it', async () => {
    const zip = await sealed(2, (pack) =>
      pack.edit(path, RolloutSeries, ({ samples }) => {
        for (const sample of samples) sample.note = 'x'
      }),
    )
    expect((await replay(zip)).exit).toBe(0)
  })

  test('so that the judge never spoke: the ledger knows better', async () => {
    const zip = await sealed(2, (pack) => pack.edit(path, RolloutSeries, (series) => void (series.judged = null)))
    expect((await replay(zip)).odd).toContain('10 % of prod differs')
  })

  test('another picture, and none', async () => {
    const other = await sealed(2, (pack) => void pack.files.set('slo/prod-10.png', pack.files.get('slo/prod-50.png') ?? new Uint8Array()))
    expect(await replay(other)).toMatchObject({ exit: 1, odd: ['slo/prod-10.png differs'] })
    const none = await sealed(2, (pack) => void pack.files.delete('slo/prod-10.png'))
    expect(await replay(none)).toMatchObject({ exit: 3, odd: ['slo/prod-10.png indeterminate'] })
  })

  test('where nothing can be drawn, pictures are indeterminate and all else is computed', async () => {
    const files = new Opened(packs.get(2) ?? new Uint8Array()).files
    const said = await replayAnswer({ files, trust: trustOf({ keys: [JOB_KEY, APP_KEY] }), draw: async () => null })
    expect([said.exit, new Set(said.data.pictures.map((row) => row.result)), said.data.steps[0]?.result]).toEqual([
      3,
      new Set(['indeterminate']),
      'same',
    ])
  })

  test('an App that could not draw seals a pack without pictures', async () => {
    const { packs: plain } = await sealedRelease({ draw: async () => null })
    const { exit, odd } = await replay(plain.get(2) ?? new Uint8Array())
    expect([exit, odd.length]).toEqual([3, 6])
    expect((await ask(plain.get(2) ?? new Uint8Array())).exit).toBe(0)
  })
})

describe('what cannot be computed again is never the same', () => {
  test.each<[string, (context: VerdictPredicate['context']) => void, string]>([
    ['by another version of the gate', (context) => void (context.gate_version = 99), 'version 99 of the gate'],
  ])('a verdict %s', async (_what, change, why) => {
    const zip = await sealed(2, (pack) => pack.restate(STATEMENT, VerdictPredicate, APP_SIGNER, ({ context }) => change(context)))
    const { exit, out } = await ask(zip, '--replay')
    expect(exit).toBe(3)
    expect(out).toContain(why)
    expect((await replay(zip)).odd).toEqual(['policy_ci indeterminate', 'all_required_gates indeterminate', 'go/no-go indeterminate'])
  })

  test('a verdict without its statement', async () => {
    const zip = await sealed(2, (pack) => void pack.files.delete(STATEMENT))
    const { exit, odd } = await replay(zip)
    expect([exit, odd]).toEqual([1, expect.arrayContaining(['policy_ci indeterminate'])])
  })

  test('a file that is no pack', async () => {
    const { exit, out } = await ask(Buffer.from('PK'), '--replay')
    expect(exit).toBe(1)
    expect(out).toContain('Nothing was computed again')
  })
})
