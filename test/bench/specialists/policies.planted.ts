/** Policies with one thing wrong, and a healthy one: name -> the files of the folder. */

const RULE = 'package main\n\ndeny contains "it is forbidden" if input.kind == "Forbidden"\n'
const TEST = 'package main\n\ntest_forbidden if count(deny) == 1 with input as {"kind": "Forbidden"}\n'

const spoilt = (from: string, to: string): Readonly<Record<string, string>> => ({ 'main.rego': RULE.replace(from, to), 'main_test.rego': TEST })

export const PLANTED_POLICIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  healthy: { 'main.rego': RULE, 'main_test.rego': TEST },
  'a bracket that stays open': spoilt('input.kind', '(input.kind'),
  'a function that is not there': spoilt('input.kind ==', 'lowercase(input.kind) =='),
  'a variable that nothing binds': spoilt('"Forbidden"', 'kind'),
  'a number where a text belongs': spoilt('input.kind ==', 'lower(1) =='),
  'the syntax of before': spoilt(
    'deny contains "it is forbidden" if input.kind == "Forbidden"',
    'deny["it is forbidden"] { input.kind == "Forbidden" }',
  ),
  'an import that nothing uses': spoilt('package main\n', 'package main\n\nimport data.words\n'),
  'a question to the network': {
    'main.rego': `${RULE}\ndeny contains "the network forbids it" if http.send({"method": "GET", "url": input.url}).status_code == 403\n`,
    'main_test.rego': TEST,
  },
  'a test that fails': { 'main.rego': RULE, 'main_test.rego': TEST.replace('== 1', '== 2') },
  'no test': { 'main.rego': RULE },
  'a rule that nobody asks': { 'main.rego': RULE.replace('deny', 'denies'), 'main_test.rego': TEST.replace('deny', 'denies') },
  'a package that nobody asks': { 'main.rego': RULE.replace('main', 'mine'), 'main_test.rego': TEST.replace('main', 'mine') },
}

/** Let through by the healthy one. */
export const DOCUMENT = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop }\n'
