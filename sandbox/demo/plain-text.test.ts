/** Comments as they are printed in the transcript. */
import { expect, test } from 'vitest'
import { plainText } from './plain-text.ts'

test('tables are aligned as their rule says, emoji counted as two columns and joiners as none', () => {
  const text = '|  | Metric | v11 |\n| :-: | --- | --: |\n| ✅ | `a\u2060uc` ↑ | 0.9 |\n| ❌ | `log_loss` ↓ | 0.37 |'
  expect(plainText(text)).toEqual(['    Metric       v11', '✅  auc ↑        0.9', '❌  log_loss ↓  0.37'])
})

test('folded blocks stay folded, markers are left out', () => {
  const text = '<!-- lockkeeper:x:v1 -->\n### 🔒 churn\n\n<details><summary>2 more</summary>\n\nlong\n\n</details>'
  expect(plainText(text)).toEqual(['🔒 churn', '', '▸ 2 more'])
})

test.each([
  ['**Next:** [promotion PR 1](http://127.0.0.1:1/x/pull/1)', 'Next: promotion PR 1'],
  ['(\\[object\\] \\*kept\\*)', '([object] *kept*)'],
  ['[`77cc`](http://127.0.0.1/#/runs/77), `a*b`', '77cc, a*b'],
  ['a\u2060@\u2060b', 'a@b'],
])('%j reads %j', (markdown, text) => expect(plainText(markdown)).toEqual([text]))
