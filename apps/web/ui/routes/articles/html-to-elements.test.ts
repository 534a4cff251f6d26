import { createElement, Fragment } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { htmlToElements } from './html-to-elements.ts'

const shown = (html: string): string => renderToStaticMarkup(createElement(Fragment, null, htmlToElements(html)))

describe('the text of an article', () => {
  test('allowed elements come out as they went in', () => {
    const html = '<h2>A</h2><p>b <strong>c</strong> <code>d</code><br/>e</p><ul><li>f</li></ul><hr/>'
    expect(shown(html)).toBe(html)
  })

  test('references to characters are read once', () => {
    expect(shown('<p>&lt;script&gt; &amp;amp; &#x41;&#66; &nbsp; &unknown; &#1114112;</p>')).toBe(
      '<p>&lt;script&gt; &amp;amp; AB \u00a0 &amp;unknown; &amp;#1114112;</p>',
    )
  })

  test('only http, https and mailto are links; others are their text', () => {
    const rel = 'target="_blank" rel="noopener noreferrer nofollow"'
    expect(shown('<a href="https://e.example/?a=1&amp;b=2">x</a>')).toBe(
      `<a href="https://e.example/?a=1&amp;b=2" ${rel}>x</a>`,
    )
    expect(shown('<a href="mailto:a@e.example">x</a>')).toContain('href="mailto:a@e.example"')
    for (const href of [
      'javascript:alert(1)',
      ' JaVaScript:alert(1)',
      'java&#10;script:alert(1)',
      'data:text/html,x',
      '//e.example',
    ]) {
      expect(shown(`<a href="${href}">x</a>`)).toBe('x')
    }
  })

  test('no other attribute gets through', () => {
    expect(shown('<p style="color:red" onclick="x()" id="a" class="b">t</p>')).toBe('<p>t</p>')
    expect(shown('<td-x onload=1>t</td-x><svg onload="x()">t</svg>')).toBe('tt')
  })

  test('a fault of the sanitiser shows as text and runs nothing', () => {
    expect(shown('<script>alert(1)</script><iframe src="https://e.example"></iframe><style>p{}</style>')).toBe(
      'alert(1)p{}',
    )
    expect(shown('<img src="https://e.example/x.png" alt="a chart" onerror="x()">')).toBe('a chart')
  })

  test('spans of cells and open details are kept', () => {
    expect(shown('<table><tr><td colspan="2" rowspan="0">x</td><th colspan="9999">y</th></tr></table>')).toBe(
      '<div role="group" aria-label="Table" tabindex="0"><table><tr><td colSpan="2" rowSpan="1">x</td><th colSpan="1000">y</th></tr></table></div>',
    )
    expect(shown('<details open><summary>s</summary>x</details>')).toBe(
      '<details open=""><summary>s</summary>x</details>',
    )
  })

  test('what stands where it may not is put where it may', () => {
    expect(shown('<li>a</li><td>b</td>')).toBe('ab')
    expect(shown('<ul>\n<li>a</li>\nb<p>c</p></ul>')).toBe('<ul><li>a</li><li>\nb</li><li><p>c</p></li></ul>')
  })

  test('links, headings and paragraphs without text are left out', () => {
    expect(shown('<h2> </h2><p>a<a href="https://e.example"></a></p><p><br></p>')).toBe('<p>a</p>')
  })

  test('a link in a link is its text', () => {
    expect(shown('<a href="https://a.example">x <a href="https://b.example">y</a></a>').match(/<a /g)).toHaveLength(1)
  })

  test('ends that are missing or too many do no harm', () => {
    expect(shown('<p>a<em>b</p>c</em></div>')).toBe('<p>a<em>b</em></p>c')
    expect(shown('a < b <3 <')).toBe('a &lt; b &lt;3 &lt;')
  })

  test('very deep nesting ends at a depth that a browser can lay out', () => {
    const html = '<div>'.repeat(20_000) + 'deep' + '</div>'.repeat(20_000)
    const result = shown(html)
    expect(result.match(/<div>/g)).toHaveLength(64)
    expect(result).toContain('deep')
  })

  test('a million characters without an end of a tag take less than a second', () => {
    const start = performance.now()
    void htmlToElements('<a '.repeat(333_333))
    void htmlToElements('<p "'.repeat(250_000))
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
