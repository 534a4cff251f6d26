import { expect, test } from 'vitest'
import { htmlToText, plainLine, textToHtml } from './text.ts'

test.each([
  ['paragraphs', '<p>a  b\nc</p><p>d</p>', 'a b c\n\nd'],
  ['inline elements join', 'ev<b>il</b>[.]ex<wbr>ample', 'evil[.]example'],
  ['list items', '<ul><li>one</li><li><p>two</p></li></ul>x', '- one\n- two\n\nx'],
  [
    'table cells',
    '<table><tr><th>Type</th><th>Value</th></tr><tr><td>md5</td><td>d4</td></tr></table>',
    'Type\tValue\nmd5\td4',
  ],
  ['preformatted lines', '<pre>\n  a\n\n   b &lt; c\n</pre><p>x</p>', '  a\n\n   b < c\n\nx'],
  ['lines of a code widget', '<pre><code><span>a</span>\n<span>b</span></code></pre>', 'a\nb'],
  ['read-only field', '<textarea readonly>whoami\n  /all</textarea>', 'whoami\n  /all'],
  ['line breaks', 'a<br>b<br><br>c', 'a\nb\n\nc'],
  ['definitions', '<dl><dt>Mutex</dt><dd>Global\\x</dd></dl>', 'Mutex\nGlobal\\x'],
  ['image', '<p>see <img alt="203[.]0[.]113[.]7" src="x"> here</p>', 'see 203[.]0[.]113[.]7 here'],
  ['entities', '<p>caf&eacute; &amp; &#x1f600;&nbsp;&rsquo;</p>', 'café & 😀 ’'],
  ['nothing that runs', 'a<script>b</script><style>c</style><svg><text>d</text></svg><template>e</template>f', 'af'],
  ['byte order mark in a name', '<p>evil\ufeff.example</p>', 'evil.example'],
])('%s', (_name, html, text) => {
  expect(htmlToText(html)).toBe(text.trim())
})

test.each([
  // RFC 4287 §3.1.1.2
  ['Less: <em> &lt; </em>', true, 'Less: <'],
  ['Less: <', false, 'Less: <'],
  ['AT&amp;amp;T &amp;#8217;', true, 'AT&T ’'],
  // Twice encoded and said to be text: one layer is the feed's, one the writer's.
  ['It&amp;#8217;s', false, 'It&#8217;s'],
  ['It&#8217;s', false, 'It’s'],
  ['<img src=x onerror=alert(1)>', true, ''],
  [' a\n\u202e b ', true, 'a b'],
])('title %j', (text, html, line) => {
  expect(plainLine(text, { html })).toBe(line)
})

test('writes text as paragraphs', () => {
  expect(textToHtml('a <b>\nc\n\nd')).toBe('<p>a &lt;b&gt;<br>c</p>\n<p>d</p>')
})
