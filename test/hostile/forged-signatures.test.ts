/**
 * Whoever does not know the webhook secret commands nothing: forged deliveries of every class against the running program.
 * 100,000, or LOCKKEEPER_TEST_RUNS; LOCKKEEPER_TEST_SEED draws others.
 */
import { createHash, createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { WEBHOOK_SECRET } from '../../sandbox/world/index.ts'
import { seeded } from '../support/fault-plans.ts'
import {
  type AttackedBot,
  inParallel,
  type Postman,
  postman,
  runs,
  SEED,
  sign,
  startAttackedBot,
} from './attacked-bot.ts'

/** In use until the rotation ended. */
const RETIRED = '0b6d5e3f9a1b7c2d8e4f608f1c2e7a94'
const HEADER = 'X-Hub-Signature-256'

type Draw = () => number
/** The signature headers that somebody sends with the body; he may have seen the right signature of another one. */
type Forgery = (body: string, draw: Draw) => readonly string[]

const digits = (text: string): string => sign(text).slice('sha256='.length)
const under =
  (secret: string): Forgery =>
  (body) => [HEADER, sign(body, secret)]
const with256 =
  (change: (hex: string, draw: Draw, body: string) => string): Forgery =>
  (body, draw) => [
    HEADER,
    // Header bytes are sent as they are: what is no ASCII goes as UTF-8.
    Buffer.from(change(digits(body), draw, body)).toString('latin1'),
  ]
const at = (text: string, draw: Draw): number => Math.floor(draw() * text.length)
const changedAt = (hex: string, place: number): string =>
  `${hex.slice(0, place)}${hex[place] === '0' ? '1' : '0'}${hex.slice(place + 1)}`

const FORGERIES: Readonly<Record<string, Forgery>> = {
  'another secret': (body, draw) => [HEADER, sign(body, String(draw()))],
  'the secret of the documentation of old versions': under('development'),
  'an empty secret': under(''),
  'half of the secret': under(WEBHOOK_SECRET.slice(0, -1)),
  'the secret with a line end': under(`${WEBHOOK_SECRET}\n`),
  'the secret of before the rotation': under(RETIRED),
  'only the signature of SHA-1': (body) => [
    'X-Hub-Signature',
    `sha1=${createHmac('sha1', WEBHOOK_SECRET).update(body).digest('hex')}`,
  ],
  'SHA-1 in the place of SHA-256': (body) => [
    HEADER,
    `sha1=${createHmac('sha1', WEBHOOK_SECRET).update(body).digest('hex')}`,
  ],
  'SHA-1 under the name of SHA-256': (body) => [
    HEADER,
    `sha256=${createHmac('sha1', WEBHOOK_SECRET).update(body).digest('hex')}`,
  ],
  'SHA-512': (body) => [HEADER, `sha512=${createHmac('sha512', WEBHOOK_SECRET).update(body).digest('hex')}`],
  'a hash without a secret': (body) => [HEADER, `sha256=${createHash('sha256').update(body).digest('hex')}`],
  'a secret before the body, hashed': (body) => [
    HEADER,
    `sha256=${createHash('sha256').update(WEBHOOK_SECRET).update(body).digest('hex')}`,
  ],
  truncated: with256((hex, draw) => `sha256=${hex.slice(0, at(hex, draw))}`),
  'one digit wrong': with256((hex, draw) => `sha256=${changedAt(hex, at(hex, draw))}`),
  'digits in capitals': with256((hex) => `sha256=${hex.toUpperCase()}`),
  'its name in capitals': with256((hex) => `SHA256=${hex}`),
  'no name': with256((hex) => hex),
  'no =': with256((hex) => `sha256${hex}`),
  'two =': with256((hex) => `sha256==${hex}`),
  'another sign for =': with256((hex) => `sha256:${hex}`),
  'data behind it': with256((hex, draw) => `sha256=${hex}${draw().toString(16).slice(2)}`),
  'a second value behind it': with256((hex) => `sha256=${hex},sha256=${hex}`),
  'white space within': with256((hex, draw) => {
    const place = at(hex, draw)
    return `sha256=${hex.slice(0, place)}${draw() < 0.5 ? ' ' : '\t'}${hex.slice(place)}`
  }),
  'white space around =': with256((hex, draw) => (draw() < 0.5 ? `sha256= ${hex}` : `sha256 =${hex}`)),
  'a space without a break before it': with256((hex) => `\u00a0sha256=${hex}`),
  'digits of another script': with256(
    (hex) => `sha256=${hex.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)))}`,
  ),
  'letters of full width': with256(
    (hex) =>
      `sha256=${hex.replaceAll(/[a-f]/g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0))}`,
  ),
  base64: with256((hex) => `sha256=${Buffer.from(hex, 'hex').toString('base64')}`),
  'percent signs': with256((hex) => `sha256=%${(hex.codePointAt(0) ?? 0).toString(16)}${hex.slice(1)}`),
  quotes: with256((hex) => `"sha256=${hex}"`),
  'the header twice': (body) => [HEADER, sign(body), HEADER, sign(body)],
  'a wrong one before the right one': (body, draw) => [HEADER, sign(body, String(draw())), HEADER, sign(body)],
  'the right one before a wrong one': (body, draw) => [HEADER, sign(body), HEADER, sign(body, String(draw()))],
  'the right one under another name': (body) => ['X-Hub-Signature_256', sign(body)],
  'the signature of another body': (body, draw) => [HEADER, sign(`${body} ${draw()}`)],
  'the signature of no body': () => [HEADER, sign('')],
  'the signature of the same JSON, written otherwise': (body) => [
    HEADER,
    sign(JSON.stringify(JSON.parse(body), null, 1)),
  ],
  none: () => [],
  'nothing in it': () => [HEADER, ''],
  words: with256(
    (_, draw) => ['null', 'undefined', 'true', '[object Object]', 'sha256=', '*'][at('......', draw)] ?? '',
  ),
}

let attacked: AttackedBot
let mail: Postman
let deploy: (draw: Draw) => string
beforeAll(async () => {
  attacked = await startAttackedBot()
  mail = postman(attacked.bot.url)
  const pull = openChurnPullRequest(attacked.world, 'better')
  await attacked.settle()
  const written = attacked.world.github.deliveries.find(({ event }) => event === 'pull_request')
  // What would be carried out: a comment of somebody who may.
  deploy = (draw) =>
    JSON.stringify({
      action: 'created',
      ...Object(written?.payload),
      issue: { number: pull.number, node_id: 'PR_1', state: 'open', labels: [], pull_request: {} },
      comment: {
        id: Math.floor(draw() * 2 ** 40),
        node_id: 'IC_1',
        body: '/deploy staging',
        user: { login: 'alice', type: 'User' },
      },
      sender: { login: 'alice', type: 'User' },
    })
}, 120_000)
afterAll(async () => {
  mail?.close()
  await attacked?.close()
})

const COUNT = runs(100_000)

test(`${COUNT} forged deliveries (seed ${SEED}): none is accepted, none is stored, nothing comes of one`, {
  timeout: 600_000,
}, async () => {
  const draw = seeded(SEED)
  const before = { stored: await attacked.stored(), effects: attacked.effects() }
  const classes = Object.entries(FORGERIES)
  const accepted: string[] = []
  const answers = new Map<string, number>()
  await inParallel(COUNT, 32, async (index) => {
    const [name, forge] = classes[index % classes.length] ?? ['', () => []]
    const body = deploy(draw)
    const { status, text } = await mail.deliver({ body, event: 'issue_comment', signatures: forge(body, draw) })
    answers.set(`${status} ${codeOf(text)}`, (answers.get(`${status} ${codeOf(text)}`) ?? 0) + 1)
    if (status < 400) accepted.push(`${name}: ${forge(body, draw).join(' ')}`)
  })
  expect(accepted).toEqual([])
  expect([...answers.keys()].toSorted()).toEqual(['401 signature_invalid', '401 signature_missing'])
  expect({ stored: await attacked.stored(), effects: attacked.effects() }).toEqual(before)
})

test('the same letter, signed, is accepted: the rig would notice', async () => {
  const before = await attacked.stored()
  const body = deploy(seeded(SEED))
  const id = randomUUID()
  const answered = await mail.deliver({ body, event: 'issue_comment', signatures: [HEADER, sign(body)], id })
  expect([answered.status, codeOf(answered.text)]).toEqual([202, 'stored'])
  expect(await attacked.stored()).toBe(before + 1)
})

function codeOf(text: string): string {
  return String(Object(JSON.parse(text))['code'])
}
