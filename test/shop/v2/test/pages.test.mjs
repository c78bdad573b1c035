import assert from 'node:assert/strict'
import { test } from 'node:test'
import { homePage } from '../src/pages.mjs'

const tea = { id: 1, name: 'Tea', price_cents: 450, recommended: true }
const cocoa = { id: 3, name: 'Cocoa', price_cents: 520, recommended: false }

void test('recommended products come first', () => {
  const page = homePage([cocoa, tea])
  assert.ok(page.indexOf('We recommend') < page.indexOf('Tea'))
  assert.equal(page.split('Cocoa').length, 2)
})

void test('without a recommendation there is no such heading', () => {
  assert.ok(!homePage([cocoa]).includes('We recommend'))
})
