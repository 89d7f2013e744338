// Ready, alive, and neither more nor less.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { PostgresDatabase, SqliteFile } from '../lib/places.mjs'
import { startServer } from '../lib/server.mjs'

// Tables that are not there: every read fails, at once.
const tables = {
  SQLite: [place => sqlite(place, 'ALTER TABLE istauth_client RENAME TO hidden'), place => sqlite(place, 'ALTER TABLE hidden RENAME TO istauth_client')],
  PostgreSQL: [place => place.query('ALTER TABLE istauth.clients RENAME TO hidden'), place => place.query('ALTER TABLE istauth.hidden RENAME TO clients')],
}
function sqlite(place, sql) {
  const db = new DatabaseSync(place.file)
  db.exec(sql)
  db.close()
}

// An answer holds for a second: ask until it is another one.
async function until(status, url) {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const response = await fetch(url)
    const body = await response.text()
    if (response.status === status) return { response, body }
  }
  assert.fail(`${url} never answered ${status}`)
}

for (const Place of process.env.ISTAUTH_TEST_POSTGRES ? [SqliteFile, PostgresDatabase] : [SqliteFile])
  test(`health follows the store: ${Place.label}`, async t => {
    const place = new Place()
    t.after(() => place.remove())
    const server = await startServer('--store', place.place, '--metrics', '127.0.0.1:0')
    t.after(() => server.stop())
    const watched = /metrics on (\S+)\/metrics$/m.exec(server.log())[1]
    const [hide, show] = tables[Place.label]
    const good = await fetch(`${server.url}/health`)
    assert.deepEqual([good.status, good.headers.get('cache-control'), await good.text()], [200, 'no-store', 'ok\n'])
    hide(place)
    for (const url of [server.url, watched]) {
      const { response, body } = await until(503, `${url}/health`)
      assert.equal(body, 'unavailable\n')
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.equal((await fetch(`${url}/health/live`)).status, 200)
    }
    await server.says(/ note health: the store fails: UNAVAILABLE$/m)
    assert.equal(server.log().match(/the store fails/g).length, 1, 'it is said once')
    show(place)
    await until(200, `${server.url}/health`)
    await until(200, `${watched}/health`)
  })

describe('health and strangers', () => {
  test('it takes GET and HEAD, and no other path is near it', async t => {
    const server = await startServer()
    t.after(() => server.stop())
    for (const path of ['/health', '/health/live']) {
      const head = await fetch(`${server.url}${path}`, { method: 'HEAD' })
      assert.deepEqual([head.status, await head.text()], [200, ''])
      const post = await fetch(`${server.url}${path}`, { method: 'POST' })
      assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD'])
    }
    for (const path of ['/health/', '/healthz', '/health/ready', '/Health']) assert.equal((await fetch(`${server.url}${path}`)).status, 404, path)
  })

  test('many who ask at once are all answered', async t => {
    const server = await startServer()
    t.after(() => server.stop())
    const answers = await Promise.all(Array.from({ length: 200 }, async () => (await fetch(`${server.url}/health`)).status))
    assert.deepEqual([...new Set(answers)], [200])
  })
})
