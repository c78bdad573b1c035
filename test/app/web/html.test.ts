import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { html } from '../../../app/web/html.ts'

test('what is put in is text, in content and in attributes, and HTML of ours stays', () => {
  const name = `<b a="x" b='y'>&`
  expect(html`<p title="${name}">${name}</p>`.text).toBe(
    '<p title="&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;">&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;</p>',
  )
  expect(html`<b>${[1, 2].map((n) => html`<i>${n}</i>`)}${null}${['a', '<']}</b>`.text).toBe('<b><i>1</i><i>2</i>a&lt;</b>')
})

test('whatever it is, no text opens a tag, ends an attribute, or turns the reading direction', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const inside = html`${text}`.text
      expect(inside).not.toMatch(/[<>"'\u202A-\u202E\u2066-\u2069\u200B]/)
      expect(inside.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&')
    }),
  )
})
