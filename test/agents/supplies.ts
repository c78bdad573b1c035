/** The files of a healthy supply chain, as the agent plants them, for tests with a real repository. */
import { supplyChainLead } from '../../agents/security/supply-chain-lead.ts'

const inputs = supplyChainLead.planted.find((planted) => planted.expected === 'green')?.inputs
const [lock] = inputs?.lockfiles.files ?? []
const scanned = inputs?.vulnerabilityReports.head

/** Nothing is built, and the config says so. */
export const SUPPLIED_CONFIG = `version: 1
release: { base: [main] }
gates: { supply_chain: { no_artifacts: nothing is built here } }
`

/** Path -> text: lock file, package.json, scan record and report, made at {@link SUPPLIED_AT}. */
export const SUPPLIED: Readonly<Record<string, string>> = Object.fromEntries(
  [lock, lock?.manifest, scanned?.record, ...(scanned?.reports ?? [])].flatMap((file) =>
    file?.text == null ? [] : [[file.path, file.text] as const],
  ),
)
export const SUPPLIED_AT = Date.parse(inputs?.vulnerabilityReports.at ?? '')
