/** The config at a commit or branch, or why it cannot be used; parsed once. */
import { sha256 } from '../../evidence/core/digest.ts'
import { describeProblem, parseConfig, type ParsedConfig } from '../../evidence/config/parse.ts'
import { CONFIG_MAX_BYTES, CONFIG_PATH } from '../../evidence/model/config.ts'
import type { ConfigFacts } from './facts.ts'
import type { Ports, Repository } from './ports.ts'

/** The config at a branch or commit of the base, never of the head. */
export async function configAt(ports: Ports, repository: Repository, ref: string): Promise<ConfigFacts> {
  const file = await ports.read.file(repository, CONFIG_PATH, ref, CONFIG_MAX_BYTES)
  if (file === null) return { ok: false, code: 'config.absent', message: `there is no ${CONFIG_PATH} on ${ref}` }
  return configOfText(file.text, file.commit)
}

/** @param commit where it was read */
export function configOfText(text: string, commit: string): ConfigFacts {
  const parsed = parseOnce(text)
  if (!parsed.ok)
    return {
      ok: false,
      code: 'config.invalid',
      message: parsed.errors
        .map((problem) => describeProblem(problem, CONFIG_PATH))
        .join('; ')
        .slice(0, 1500),
    }
  return { ok: true, config: parsed.config, commit, digest: sha256(text), text }
}

const parsedTexts = new Map<string, ParsedConfig>()

/** Parsing is pure and configs rarely change: the last few are kept. */
function parseOnce(text: string): ParsedConfig {
  const known = parsedTexts.get(text)
  if (known !== undefined) return known
  const parsed = parseConfig(text)
  if (parsedTexts.size >= 32) parsedTexts.clear()
  parsedTexts.set(text, parsed)
  return parsed
}
