/** One file out of an archive that a stranger may have made: what is refused, how fast, and that nothing throws. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeZip, type ZipFile } from '../../../sandbox/github/zip.ts'
import { MAX_TEXT_BYTES, readZipEntry } from '../../../src/clients/github/read-zip-entry.ts'

const METRICS = '{"auc":0.91}'
const one = (claims: ZipFile['claims'] = {}, text: string | Buffer = METRICS): Buffer =>
  writeZip([{ path: 'metrics.json', text, claims }])

const MIB = 1024 * 1024
/** Both written by Python's `zipfile`. */
const STREAMED =
  'UEsDBBQACAAIAABQeF0AAAAAAAAAAAAAAAAMAAAAbWV0cmljcy5qc29uq1ZKLE1WsjLQszSsBQBQSwcI1iPU9Q4AAAAMAAAAUEsBAhQDFAAIAAgAAFB4XdYj1PUOAAAADAAAAAwAAAAAAAAAAAAAAIABAAAAAG1ldHJpY3MuanNvblBLBQYAAAAAAQABADoAAABIAAAAAAA='
const ZIP64 =
  'UEsDBC0AAAAAAABQeF3WI9T1//////////8MABQAbWV0cmljcy5qc29uAQAQAAwAAAAAAAAADAAAAAAAAAB7ImF1YyI6MC45MX1QSwECLQMtAAAAAAAAUHhd1iPU9QwAAAAMAAAADAAAAAAAAAAAAAAAgAEAAAAAbWV0cmljcy5qc29uUEsFBgAAAAABAAEAOgAAAEoAAAAAAA=='

describe('an honest archive', () => {
  it('gives its only file, whatever it is called', async () => {
    expect(await readZipEntry(one(), undefined)).toEqual({ ok: true, text: METRICS, name: 'metrics.json' })
  })

  it('gives the file that is named, folders left aside', async () => {
    const zip = writeZip([
      { path: 'out/', text: '' },
      { path: 'out/other.json', text: '{}' },
      { path: 'out/metrics.json', text: METRICS },
    ])
    expect(await readZipEntry(zip, 'out/metrics.json')).toMatchObject({ ok: true, text: METRICS })
  })

  it('may have been streamed, with its sizes behind the data, as actions/upload-artifact makes them', async () => {
    expect(await readZipEntry(Buffer.from(STREAMED, 'base64'), undefined)).toMatchObject({ ok: true, text: METRICS })
  })

  it('may be of the 64-bit kind', async () => {
    expect(await readZipEntry(Buffer.from(ZIP64, 'base64'), undefined)).toMatchObject({ ok: true, text: METRICS })
  })

  it('may hold a file of nothing, and one that was not compressed', async () => {
    expect(await readZipEntry(one({}, ''), undefined)).toMatchObject({ ok: true, text: '' })
    const stored = writeZip([{ path: 'metrics.json', text: METRICS, stored: true }])
    expect(await readZipEntry(stored, undefined)).toMatchObject({ ok: true, text: METRICS })
  })
})

describe('is refused in words', () => {
  const several = writeZip(['b.json', 'a.json'].map((path) => ({ path, text: METRICS })))
  const many = (count: number) =>
    writeZip(Array.from({ length: count }, (_, index) => ({ path: `m${index}`, text: '' })))
  const refusals: readonly (readonly [string, Buffer, string | undefined, RegExp])[] = [
    ['no such file', several, 'metrics.json', /^holds no metrics\.json, but b\.json, a\.json$/],
    ['several and none named', several, undefined, /^holds several files: b\.json, a\.json$/],
    [
      'the same name twice',
      writeZip([0, 1].map(() => ({ path: 'a', text: METRICS }))),
      'a',
      /^holds a more than once$/,
    ],
    ['nothing in it', writeZip([]), undefined, /^is empty$/],
    ['only folders', writeZip([{ path: 'out/', text: '' }]), undefined, /^is empty$/],
    ['many names are not all listed', many(30), 'x', /m9 and 20 more$/],
    ['10,000 entries', many(10_000), 'm1', /^holds 10000 files; at most 1000/],
    ['encrypted', one({ encrypted: true }), undefined, /which is encrypted$/],
    ['an unusual method', one({ method: 12 }), undefined, /packed by an unusual method$/],
    ['a bomb', one({}, Buffer.alloc(MIB)), undefined, /unpacks to more than 100 times its size$/],
    ['too large, honestly', one({}, Buffer.alloc(MAX_TEXT_BYTES + 1)), undefined, /is 8\.0 MiB; at most 8 MiB/],
    ['a bomb that says it is small', one({ size: 500 }, Buffer.alloc(MIB)), undefined, /which is damaged/],
    ['a size that is too large', one({ size: 500 }), undefined, /which is damaged/],
    ['a wrong checksum', one({ crc: 1 }), undefined, /which is damaged/],
    ['data that would lie behind the end', one({ packedSize: 4000 }), undefined, /which is damaged|no zip archive/],
    ['data that would lie in another entry', one({ offset: 7 }), undefined, /no zip archive/],
    ['not text', one({}, Buffer.from([0xff, 0xfe, 0x00])), undefined, /is not UTF-8 text$/],
    ['a name that leads upwards', writeZip([{ path: '../x', text: METRICS }]), '../x', /no zip archive.*\.\.\/x/],
    ['an absolute name', writeZip([{ path: '/etc/passwd', text: METRICS }]), undefined, /no zip archive/],
    ['no zip', Buffer.from('<html>'), undefined, /^is no zip archive that can be read/],
    ['nothing', Buffer.alloc(0), undefined, /no zip archive/],
  ]
  it.each(refusals)('%s', async (_name, archive, file, reason) => {
    const reading = await readZipEntry(archive, file)
    expect(reading.ok ? 'read' : reading.reason).toMatch(reason)
  })

  it('wherever it is cut off', async () => {
    const whole = one()
    for (let length = 0; length < whole.length; length += 1) {
      expect(await readZipEntry(whole.subarray(0, length), undefined)).toMatchObject({ ok: false })
    }
  })
})

describe('bounds', () => {
  it('no bytes of an archive make it throw, or give anything but what was packed', async () => {
    const whole = writeZip([
      { path: 'metrics.json', text: METRICS },
      { path: 'other', text: 'x'.repeat(500) },
    ])
    const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const changed = Buffer.from(whole)
        for (const [at, value] of changes) changed[at] = value
        const reading = await readZipEntry(changed, 'metrics.json')
        if (reading.ok) expect(reading.text).toBe(METRICS)
      }),
      { numRuns: 2000 },
    )
  })

  it('arbitrary bytes with the marks of a zip neither throw nor hang', async () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .constantFrom('PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06', 'PK\x06\x06', 'PK\x06\x07')
        .map((mark) => Buffer.from(mark)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 12 }), async (chunks) => {
        expect(typeof (await readZipEntry(Buffer.concat(chunks), undefined)).ok).toBe('boolean')
      }),
      { numRuns: 2000 },
    )
  })

  it('the worst that fits the limits takes less than a second and 64 MiB', async () => {
    // As compressible as the ratio allows: half of it noise, in a thousand entries beside it.
    const noise = Buffer.from(Array.from({ length: MAX_TEXT_BYTES / 64 }, () => Math.floor(Math.random() * 95) + 32))
    const text = Buffer.concat([noise, Buffer.alloc(MAX_TEXT_BYTES - noise.length, 32)])
    const others = Array.from({ length: 999 }, (_, index) => ({ path: `noise/${index}`, text: '' }))
    const archive = writeZip([{ path: 'metrics.json', text }, ...others])
    const before = process.memoryUsage.rss()
    const start = performance.now()
    expect(await readZipEntry(archive, 'metrics.json')).toMatchObject({ ok: true })
    expect(performance.now() - start).toBeLessThan(1000)
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MIB)
  })

  it('a bomb is refused before anything of it is inflated; one that lies is cut off where it should have ended', async () => {
    const zeros = Buffer.alloc(100 * MIB)
    for (const archive of [one({}, zeros), one({ size: 5000 }, zeros)]) {
      const before = process.memoryUsage.rss()
      const start = performance.now()
      expect(await readZipEntry(archive, undefined)).toMatchObject({ ok: false })
      expect(performance.now() - start).toBeLessThan(500)
      expect(process.memoryUsage.rss() - before).toBeLessThan(48 * MIB)
    }
  })
})
