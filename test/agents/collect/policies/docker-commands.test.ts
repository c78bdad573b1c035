import { expect, test } from 'vitest'
import { dockerCommands } from '../../../../agents/collect/policies/docker-commands.ts'

const FILE = `# syntax=docker/dockerfile:1
ARG VERSION=24
# the base
FROM --platform=linux/amd64 node:24 AS build
ENV A=1 B="two words"
ENV OLD a value
RUN --mount=type=cache,target=/c npm ci && \\
    npm run build
RUN ["npm", "test"]
COPY --chown=1:1 a b /c/
ONBUILD COPY x /y

FROM scratch
USER 65532
EXPOSE 8080 9090
HEALTHCHECK --interval=5s CMD ["node", "-e", "x"]
CMD node main.js
`

test('instructions as Conftest hands them to policies', () => {
  const rest = { SubCmd: '', JSON: false, Flags: [] }
  expect(dockerCommands(FILE)).toEqual([
    { ...rest, Cmd: 'arg', Value: ['VERSION=24'], Stage: 0 },
    { ...rest, Cmd: 'comment', Value: ['the base'], Stage: 0 },
    { ...rest, Cmd: 'from', Flags: ['--platform=linux/amd64'], Value: ['node:24', 'AS', 'build'], Stage: 0 },
    { ...rest, Cmd: 'env', Value: ['A', '1', '=', 'B', '"two words"', '='], Stage: 0 },
    { ...rest, Cmd: 'env', Value: ['OLD', 'a value', ''], Stage: 0 },
    { ...rest, Cmd: 'run', Flags: ['--mount=type=cache,target=/c'], Value: ['npm ci &&     npm run build'], Stage: 0 },
    { ...rest, Cmd: 'run', JSON: true, Value: ['npm', 'test'], Stage: 0 },
    { ...rest, Cmd: 'copy', Flags: ['--chown=1:1'], Value: ['a', 'b', '/c/'], Stage: 0 },
    { ...rest, Cmd: 'onbuild', SubCmd: 'COPY', Value: ['x', '/y'], Stage: 0 },
    { ...rest, Cmd: 'from', Value: ['scratch'], Stage: 1 },
    { ...rest, Cmd: 'user', Value: ['65532'], Stage: 1 },
    { ...rest, Cmd: 'expose', Value: ['8080', '9090'], Stage: 1 },
    { ...rest, Cmd: 'healthcheck', JSON: true, Flags: ['--interval=5s'], Value: ['CMD', 'node', '-e', 'x'], Stage: 1 },
    { ...rest, Cmd: 'cmd', Value: ['node main.js'], Stage: 1 },
  ])
})

test('comments between continued lines are left out, and the body of a heredoc is not', () => {
  const [env, run] = dockerCommands('FROM a\nENV X=1 \\\n    # inner\n    Y=2\nRUN <<END\ncurl x\nEND\n').slice(1)
  expect([env?.Value, run?.Value]).toEqual([['X', '1', '=', 'Y', '2', '='], ['<<END\ncurl x\nEND']])
})

test.each(['', '\0', 'FROM', 'RUN [', `RUN ${'"'.repeat(5000)}`, `ENV ${'a=\\'.repeat(5000)}`])('hostile text breaks nothing', (text) => {
  expect(dockerCommands(text).length).toBeLessThan(3)
})
