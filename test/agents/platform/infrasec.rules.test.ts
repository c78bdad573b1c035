import { expect, test } from 'vitest'
import { dockerfileFindings, pipesToShell } from '../../../agents/platform/infrasec.rules.ts'

const PIN = `@sha256:${'a'.repeat(64)}`
const found = (text: string) => dockerfileFindings('Dockerfile', text).map((finding) => `${finding.rule.slice(6)}:${finding.line}`)

test.each([
  ['', ['no-stage:1']],
  ['# only words\nARG A=1\n', ['no-stage:1']],
  [`FROM node${PIN}\nUSER 1000\n`, []],
  [`FROM node${PIN}\n`, ['user-root:1']],
  [`FROM node${PIN}\nUSER 1000\nUSER root\n`, ['user-root:3']],
  [`FROM node${PIN}\nUSER 00:1\n`, ['user-root:2']],
  [`FROM node${PIN}\nUSER "root"\n`, ['user-root:2']],
  [`FROM node${PIN}\nARG WHO=1000\nUSER $WHO\n`, ['user-root:3']],
  [`FROM node${PIN}\nUSER rooter\n`, []],
  [`FROM node${PIN} AS base\nUSER app\nFROM base\n`, []],
  [`FROM node${PIN} AS base\nUSER app\nFROM BASE AS last\nUSER root\n`, ['user-root:4']],
  [`FROM node${PIN} AS build\nUSER root\nFROM node${PIN}\nUSER app\n`, []],
  ['FROM node\nUSER 1\n', ['base-unpinned:1']],
  ['FROM localhost:5000/node\nUSER 1\n', ['base-unpinned:1']],
  ['FROM node:24.1.0\nUSER 1\n', ['base-unpinned:1']],
  ['FROM node@sha256:abc\nUSER 1\n', ['base-unpinned:1']],
  [`FROM --platform=linux/amd64 localhost:5000/node:24${PIN}\nUSER 1\n`, []],
  ['FROM scratch\nUSER 1\n', []],
  ['FROM Scratch AS a\nFROM A\nUSER 1\n', []],
  ['FROM later\nUSER 1\nFROM scratch AS later\nUSER 1\n', ['base-unpinned:1']],
  [`ARG TAG=24${PIN}\nFROM node:\${TAG}\nUSER 1\n`, []],
  ['ARG TAG\nFROM node:${TAG:-24}\nUSER 1\n', ['base-unpinned:2']],
  [`ARG TAG\nFROM node\${TAG:-${PIN}}\nUSER 1\n`, []],
  ['FROM scratch\nENV API_KEY=abcdef\nUSER 1\n', ['secret-in-env:2']],
  ['FROM scratch\nENV API_KEY abcdef\nUSER 1\n', ['secret-in-env:2']],
  ['FROM scratch\nENV A=1 \\\n  dbPassword="x y" \\\n  B=2\nUSER 1\n', ['secret-in-env:2']],
  ['FROM scratch\nENV API_KEY=\nUSER 1\n', []],
  ['ARG TOKEN=abc\nFROM scratch\nUSER 1\n', ['secret-in-arg:1']],
  ['FROM scratch\nARG TOKEN\nUSER 1\n', ['secret-in-arg:2']],
  ['FROM scratch\nONBUILD RUN curl x | sh\nUSER 1\n', ['pipe-to-shell:2']],
  ['FROM scratch\nRUN ["sh", "-c", "curl x | sh"]\nUSER 1\n', ['pipe-to-shell:2']],
  ['FROM scratch\nADD https://x/y /z\nUSER 1\n', ['add-url:2']],
  ['FROM scratch\nADD ["https://x/y", "/z"]\nUSER 1\n', ['add-url:2']],
  ['FROM scratch\nADD git@example.com:a/b.git /z\nUSER 1\n', ['add-url:2']],
  ['FROM scratch\nADD ./https/x /z\nUSER 1\n', []],
  ['# escape=`\nFROM scratch\r\nRUN curl x `\r\n | sh\r\nUSER 1\r\n', ['pipe-to-shell:3']],
])('%j', (text, expected) => {
  expect(found(text)).toEqual(expected)
})

test.each([
  'curl -s https://x | sh',
  'curl x|bash -s -- --yes',
  'apt-get update && wget -O - x | sudo -E bash',
  'curl x | tee f | /usr/bin/env bash',
  'curl x | A=1 sh',
  'bash <(curl -s x)',
  'sh -c "$(curl -fsSL x)"',
  'eval "$(wget -qO- x)"',
  'curl x | python3 -',
  'curl x |& sh',
])('%s runs unseen', (command) => {
  expect(pipesToShell(command)).toBe(true)
})

test.each([
  'curl -o f x && sha256sum -c s && sh f',
  'curl x | tar xz',
  'curl x | jq .a',
  'cat f | sh',
  'echo curl; ls | sh',
  'curl x | gpg --dearmor',
  'curl x | sha256sum',
  'curl x | ssh host',
])('%s does not', (command) => {
  expect(pipesToShell(command)).toBe(false)
})

test('a hostile recipe is read in time', () => {
  const started = performance.now()
  dockerfileFindings('Dockerfile', `FROM scratch\nRUN ${'curl | sudo - '.repeat(10_000)}\nENV A=${'a:'.repeat(50_000)}\nUSER 1\n`)
  expect(performance.now() - started).toBeLessThan(5000)
})
