/** Markdown on the shared page: the HTML it becomes, and text that never becomes markup. */
import { describe, expect, it } from 'vitest';
import { markdownToHtml } from './markdown.ts';

describe('markdownToHtml', () => {
  it.each([
    [
      '# One\n\n*two* **three** ~~four~~',
      '<h2 dir="auto">One</h2>\n\n<p dir="auto"><em>two</em> <strong>three</strong> <del>four</del></p>',
    ],
    ['`a < b`', '<p dir="auto"><code dir="ltr">a &lt; b</code></p>'],
    ['```js\n</code>\n```', '<pre dir="ltr" tabindex="0"><code>&lt;/code&gt;</code></pre>'],
    ['2. two\n3. three', '<ol start="2"><li dir="auto">two</li><li dir="auto">three</li></ol>'],
    ['- [x] done', '<ul><li dir="auto" class="task">☑ done</li></ul>'],
    ['AT&amp;T &lt;b&gt;', '<p dir="auto">AT&amp;T &lt;b&gt;</p>'],
    ['$a_1*b*c$ for $5', '<p dir="auto"><code dir="ltr">a_1*b*c</code> for $5</p>'],
    ['$$\nx < y\n$$', '<pre dir="ltr" tabindex="0"><code>x &lt; y</code></pre>'],
    ['[^1]: Word', '<p dir="auto" class="plain">[^1]: Word</p>'],
    [
      '|a|b|\n|-|-:|\n|1|2|',
      '<div class="table" tabindex="0" role="group"><table><thead><tr><th dir="auto">a</th><th dir="auto" class="end">b</th></tr></thead><tbody><tr><td dir="auto">1</td><td dir="auto" class="end">2</td></tr></tbody></table></div>',
    ],
  ])('writes %s', (source, html) => {
    expect(markdownToHtml(source)).toBe(html);
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'a <b onclick="x">b</b> c',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,<script>1</script>)',
    '[x](https://user:secret@evil.example)',
    '[x](/app/settings)',
    '![x](javascript:1)',
    '<javascript:alert(1)>',
    '[a"><script>](https://a.example/"><script>)',
    '![x](https://track.example/p.png "t\\" onload=\\"1")',
    '```"><script>\n1\n```',
    '$<script>$',
    '[x]: javascript:1\n\n[x]',
    '&lt;script&gt;',
    '1. <iframe>',
  ])('makes no markup of %s', (source) => {
    const html = markdownToHtml(source);
    // Nothing but our own elements and attributes.
    const own =
      /<\/?(?:p|h[2-6]|em|strong|del|code|pre|ul|ol|li|blockquote|hr|br|div|table|thead|tbody|tr|th|td)(?: (?:dir|tabindex|start|class|role)="[\w-]*")*>/g;
    const links = /<a href="(?:https?:|mailto:)[^"<>]*" title="[^"<>]*" rel="noopener noreferrer nofollow ugc">|<\/a>/g;
    const rest = html.replaceAll(own, '').replaceAll(links, '');
    expect(rest).not.toMatch(/[<>]/);
    expect(html).not.toMatch(/href="(?!https?:|mailto:)/);
    expect(html).not.toContain('user:secret@');
  });

  it('shows an image as a link, so that its host learns nothing', () => {
    expect(markdownToHtml('![A cat](https://cats.example/1.png)')).toContain('>A cat</a>');
    expect(markdownToHtml('![A cat](https://cats.example/1.png)')).not.toContain('<img');
  });
});
