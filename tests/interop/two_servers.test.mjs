// Two example servers on one store, behind one issuer: whatever the one does the other knows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorization, redeem, refresh, register, tool } from '../lib/oauth.mjs'
import { Person } from '../lib/person.mjs'
import { assertHoldsNone, PostgresDatabase, SqliteFile } from '../lib/places.mjs'
import { seen } from '../lib/secrets.mjs'
import { startServer } from '../lib/server.mjs'

// Both call themselves by the first one's address, as two machines behind one name do.
async function pair(t, data) {
  const a = await startServer('--store', data.place)
  t.after(a.stop)
  const b = await startServer('--store', data.place, '--issuer', a.url)
  t.after(b.stop)
  b.mcp = a.mcp
  return [a, b]
}

const list = (server, token) => tool({ ...server, mcp: `${server.url}/mcp` }, token, 'list_cards', { workspace: 'ws_engine' })

for (const Place of [SqliteFile, PostgresDatabase]) {
  test(`two servers on one ${Place.label}: registered here, consented there, refreshed anywhere, dead everywhere`, async t => {
    const data = new Place()
    const [a, b] = await pair(t, data)
    t.after(() => data.remove())

    const client = await register(a)
    const person = new Person(b)
    const request = authorization(b, client)
    const answer = await person.allow(request.url)
    assert.equal(answer.get('iss'), a.url, 'one issuer')
    const first = await redeem(a, request, answer.get('code'))
    assert.equal(first.status, 200, JSON.stringify(first.body))
    for (const server of [a, b]) assert.equal((await list(server, first.body.access_token)).status, 200)

    const second = await refresh(b, client, first.body.refresh_token)
    const third = await refresh(a, client, second.body.refresh_token)
    assert.deepEqual([second.status, third.status], [200, 200])
    for (const server of [a, b]) assert.equal((await list(server, third.body.access_token)).status, 200)

    await person.disconnect(client)
    for (const server of [a, b]) {
      for (const { body } of [first, second, third]) assert.equal((await list(server, body.access_token)).status, 401)
      assert.equal((await refresh(server, client, third.body.refresh_token)).status, 400)
    }
    data.check()
    assertHoldsNone(data.dump(), [...seen].filter(secret => secret.length >= 20))
  })

  test(`two servers on one ${Place.label}: of two refreshes at once one wins, and both die of it`, async t => {
    const data = new Place()
    const [a, b] = await pair(t, data)
    t.after(() => data.remove())
    const client = await register(b)
    for (let round = 0; round < 20; round++) {
      const { refresh_token } = await new Person(a).connect(client)
      const answers = await Promise.all([refresh(a, client, refresh_token), refresh(b, client, refresh_token)])
      const won = answers.filter(({ status }) => status === 200)
      assert.ok(won.length <= 1, 'two winners')
      for (const { body } of won)
        assert.equal((await list(a, body.access_token)).status, 401, 'the second try was a reuse')
    }
    data.check()
  })
}
