// What strangers call themselves, on a terminal and in JSON.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { Admin } from '../lib/admin.mjs'
import { register } from '../lib/oauth.mjs'
import { SqliteFile } from '../lib/places.mjs'
import { startServer } from '../lib/server.mjs'

describe('token_admin and names', () => {
  let place, server, admin
  const names = {
    plain: 'Plain',
    escape: '\u001b[2J\u001b]0;owned\u0007',
    newline: 'Line\nFORGED  ROW\r\u0085\u2028x',
    override: 'Trusted\u202eppA\u2066\u200f\u061c',
    hidden: 'Zero\u200b\u200d\ufeff\u00ad\u2060\ue000\u{e0041}width',
    zalgo: 'Z\u0301\u0302\u0303\u0304',
    wide: '日本語',
    thai: 'กิน',
    emoji: '🦊 fox',
    long: 'L'.repeat(5000),
    wideLong: '漢'.repeat(500),
    empty: '',
    escaped: 'a\\u{202e}b',
    quotes: '"quoted\\" {}',
  }
  const ids = {}

  before(async () => {
    place = new SqliteFile()
    server = await startServer('--store', place.place)
    admin = new Admin(place.place)
    const db = new DatabaseSync(place.file)
    for (const [key, name] of Object.entries(names)) {
      ids[key] = (await register(server, { client_name: 'x' })).client_id
      db.prepare('UPDATE istauth_client SET name = ? WHERE client_id = ?').run(name, ids[key])
    }
    ids.broken = (await register(server, { client_name: 'x' })).client_id
    db.exec(`UPDATE istauth_client SET name = CAST(x'41ff9fc0afeda080f4908080' AS TEXT) WHERE client_id = '${ids.broken}'`)
    db.close()
  })
  after(async () => { await server.stop(); place.remove() })

  const rows = (...words) => admin.good('client', 'list', ...words).trimEnd().split('\n')
  const row = key => rows().find(line => line.startsWith(ids[key]))
  // Columns on a terminal, for the characters above.
  const columns = text => [...text].reduce((n, c) => n + (/\p{Mn}/u.test(c) ? 0 : /[\p{Script=Han}\p{Script=Hiragana}\p{Emoji_Presentation}]/u.test(c) ? 2 : 1), 0)

  test('nothing reaches the terminal that could move, colour, turn or hide', () => {
    for (const words of [['client', 'list'], ['client', 'list', '--wide'], ...Object.values(ids).map(id => ['client', 'show', id])]) {
      const out = admin.good(...words)
      assert.doesNotMatch(out, /[^\P{C}\n]|\p{Zl}|\p{Zp}|[\u0300-\u036f]/u, `${words}`)
    }
    assert.equal(rows().length, 1 + Object.keys(ids).length)
  })

  test('what is not shown is written, so that it cannot be mistaken', () => {
    assert.match(row('escape'), / {2}\\u\{1b\}\[2J\\u\{1b\}\]0;owned\\u\{7\} {2}/)
    assert.match(row('override'), / {2}Trusted\\u\{202e\}ppA\\u\{2066\}/)
    assert.match(row('escaped'), / {2}a\\\\u\{202e\}b {2}/)
    assert.match(row('broken'), / {2}A\\xff\\x9f\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\.\.\. {2}/)
    assert.match(row('thai'), / {2}กิน {2}/)
    assert.match(row('empty'), / {2}- {2}/)
  })

  test('columns stand below each other, whatever is in them', () => {
    const [heading, ...lines] = rows()
    const at = heading.indexOf('ORIGIN')
    for (const line of lines) {
      const [before] = line.split(/registered {2}/)
      assert.equal(columns(before), at, line)
    }
  })

  test('long names are cut in tables alone', () => {
    assert.match(row('long'), / {2}L{37}\.\.\. {2}/)
    assert.match(row('wideLong'), / {2}漢{18}\.\.\. {3}/)
    assert.ok(admin.good('client', 'list', '--wide').includes(names.long))
    assert.ok(admin.good('client', 'show', ids.long).includes(names.long))
  })

  test('JSON has every name as it is', () => {
    const { clients } = admin.json('client', 'list')
    const found = Object.fromEntries(clients.map(({ client_id, name }) => [client_id, name]))
    for (const [key, name] of Object.entries(names)) assert.equal(found[ids[key]], name, key)
    assert.equal(found[ids.broken], `A${'\ufffd'.repeat(11)}`)
  })

  test('a terminal that is not of UTF-8 gets ASCII', () => {
    const ascii = new Admin(place.place, { LC_ALL: 'C' })
    const out = ascii.good('client', 'list')
    assert.match(out, /^[\x20-\x7e\n]+$/)
    assert.match(out, / {2}\\u\{65e5\}\\u\{672c\}\\u\{8a9e\} {2}/)
  })
})
