/** Workflows with one thing wrong, and healthy ones that look like them: name -> text. */

const HEALTHY = `name: ci
on:
  pull_request:
  schedule:
    - cron: '17 3 * * *'
permissions: {}
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs:
      word: \${{ steps.say.outputs.word }}
    steps:
      - id: say
        run: echo "word=$TITLE" >> "$GITHUB_OUTPUT"
        env:
          TITLE: \${{ github.event.pull_request.title }}
  test:
    needs: build
    runs-on: ubuntu-24.04
    steps:
      - run: echo "$WORD"
        env:
          WORD: \${{ needs.build.outputs.word }}
`

const spoilt = (from: string, to: string): string => {
  if (!HEALTHY.includes(from)) throw new Error(`the healthy workflow does not hold ${from}`)
  return HEALTHY.replace(from, to)
}

const CONTAINER = `    runs-on: ubuntu-24.04
    container:
      image: registry.example/shop@sha256:${'0'.repeat(64)}
      credentials:
        username: shop
        password: `

export const PLANTED: Readonly<Record<string, string>> = {
  healthy: HEALTHY,
  'a title pasted': spoilt('echo "word=$TITLE"', 'echo "word=${{ github.event.pull_request.title }}"'),
  'a branch pasted': spoilt('echo "word=$TITLE"', 'echo "word=${{ github.head_ref }}"'),
  'a title pasted into a script of an action': spoilt(
    '      - run: echo "$WORD"\n        env:\n          WORD: ${{ needs.build.outputs.word }}\n',
    `      - uses: actions/github-script@${'0'.repeat(40)}\n        with:\n          script: console.log("\${{ github.event.issue.title }}")\n`,
  ),
  'a title pasted through a variable': spoilt('echo "word=$TITLE"', 'echo "word=${{ env.TITLE }}"'),
  'a number pasted': spoilt('echo "word=$TITLE"', 'echo "word=${{ github.event.pull_request.number }}"'),
  'a key at the top': spoilt('permissions: {}', 'permissions: {}\nenvironment: production'),
  'a key of a job': spoilt('    needs: build\n', '    needs: build\n    time-out: 5\n'),
  'a key of a step': spoilt('      - id: say\n', '      - id: say\n        name-of: say\n'),
  'a key twice': spoilt('    needs: build\n', '    needs: build\n    needs: build\n'),
  'no place to run': spoilt('    needs: build\n    runs-on: ubuntu-24.04\n', '    needs: build\n'),
  'run and uses in one': spoilt('      - id: say\n', `      - id: say\n        uses: actions/checkout@${'0'.repeat(40)}\n`),
  'no steps': HEALTHY.slice(0, HEALTHY.lastIndexOf('    steps:')),
  'a job that is not there': spoilt('needs: build', 'needs: built'),
  'jobs in a circle': spoilt('  build:\n', '  build:\n    needs: test\n'),
  'an event that is not there': spoilt('  pull_request:\n', '  pull_requests:\n'),
  'a time that is none': spoilt('17 3 * * *', '17 3 * * 9'),
  'an output that is not there': spoilt('needs.build.outputs.word', 'needs.build.outputs.words'),
  'a step that is not there': spoilt('steps.say.outputs.word', 'steps.said.outputs.word'),
  'a function that is not there': spoilt('${{ needs.build.outputs.word }}', "${{ endWith(needs.build.outputs.word, 'a') }}"),
  'a function with too much': spoilt('${{ needs.build.outputs.word }}', "${{ startsWith(needs.build.outputs.word, 'a', 'b') }}"),
  'a job that it does not wait for': spoilt('    needs: build\n', ''),
  'a step that comes later': spoilt('      - id: say\n', '      - run: echo ${{ steps.say.outcome }}\n      - id: say\n'),
  'an input that nobody gives': spoilt('needs.build.outputs.word', 'inputs.word'),
  'a matrix that is not there': spoilt('needs.build.outputs.word', 'matrix.word'),
  'a matrix that nobody knows': spoilt(
    '    needs: build\n',
    '    needs: build\n    strategy: { matrix: "${{ fromJSON(needs.build.outputs.word) }}" }\n',
  ).replace('WORD: ${{ needs.build.outputs.word }}', 'WORD: ${{ matrix.word }}'),
  'a matrix by include': spoilt('    needs: build\n', '    needs: build\n    strategy: { matrix: { include: [{ word: a }] } }\n').replace(
    'WORD: ${{ needs.build.outputs.word }}',
    'WORD: ${{ matrix.word }}',
  ),
  'a secret in a condition': spoilt('      - run: echo "$WORD"\n', '      - if: secrets.WORD != 0\n        run: echo "$WORD"\n'),
  'a variable in the name of a job': spoilt('    needs: build\n', '    needs: build\n    name: ${{ env.NAME }}\n'),
  'a context that is not there': spoilt('needs.build.outputs.word', 'outputs.word'),
  'a word of github that is not there': spoilt('needs.build.outputs.word', 'github.server'),
  'an expression that is none': spoilt('needs.build.outputs.word', 'needs.build.outputs.word ||'),
  'a condition with text around it': spoilt('      - run: echo "$WORD"\n', '      - if: ${{ success() }} && github.ref\n        run: echo "$WORD"\n'),
  'a condition in one': spoilt('      - run: echo "$WORD"\n', '      - if: ${{ success() && github.ref }}\n        run: echo "$WORD"\n'),
  'always outside of a condition': spoilt('needs.build.outputs.word', 'always()'),
  'an id twice': spoilt('      - id: say\n', "      - id: say\n        run: 'true'\n      - id: say\n"),
  'a word as a permission': spoilt('permissions: {}', 'permissions: { contents: readonly }'),
  'no YAML': spoilt('permissions: {}', 'permissions: {'),
  'a password': spoilt('    needs: build\n    runs-on: ubuntu-24.04\n', `    needs: build\n${CONTAINER}hunter2\n`),
  'a password from a secret': spoilt('    needs: build\n    runs-on: ubuntu-24.04\n', `    needs: build\n${CONTAINER}\${{ secrets.REGISTRY }}\n`),
  'an output by a log line': spoilt('echo "word=$TITLE" >> "$GITHUB_OUTPUT"', 'echo "::set-output name=word::$TITLE"'),
  'a variable by a log line': spoilt('echo "word=$TITLE" >> "$GITHUB_OUTPUT"', 'echo "::set-env name=word::$TITLE"'),
  'a path by a log line': spoilt('echo "word=$TITLE" >> "$GITHUB_OUTPUT"', 'echo "::add-path::/opt"'),
  'a notice by a log line': spoilt('echo "$WORD"', 'echo "::notice::$WORD"'),
}
