// token_admin over stores that the example server has filled, and goes on serving.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { Admin } from '../lib/admin.mjs'
import { grace } from '../lib/browser.mjs'
import { authorization, redeem, refresh, register, tool } from '../lib/oauth.mjs'
import { Person } from '../lib/person.mjs'
import { PostgresDatabase, SqliteFile } from '../lib/places.mjs'
import { remember } from '../lib/secrets.mjs'
import { startServer } from '../lib/server.mjs'

// As if a client had registered so many seconds ago.
function age(place, id, seconds) {
  if (place instanceof PostgresDatabase) return place.query(`UPDATE istauth.clients SET registered_at = registered_at - ${seconds} WHERE client_id = '${id}'`)
  const db = new DatabaseSync(place.file)
  db.prepare('UPDATE istauth_client SET registered_at = registered_at - ? WHERE client_id = ?').run(seconds, id)
  db.close()
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const places = process.env.ISTAUTH_TEST_POSTGRES ? [SqliteFile, PostgresDatabase] : [SqliteFile]

for (const Place of places) describe(`token_admin on ${Place.label}`, () => {
  let place, server, admin, ada, gracie
  const lives = async ({ access_token }) => (await tool(server, access_token, 'list_workspaces')).status === 200
  const connect = async (person, name, choice) => {
    const client = await register(server, { client_name: name })
    return { client, ...await person.connect(client, choice) }
  }
  const grantOf = (subject, client) => admin.json('subject', 'grants', subject).grants.find(grant => grant.client_id === client.client_id).grant_id

  before(async () => {
    place = new Place()
    server = await startServer('--store', place.place)
    admin = new Admin(place.place)
    ada = new Person(server)
    gracie = new Person(server, grace)
  })
  after(async () => { await server?.stop(); place?.remove() })

  test('an empty store has empty lists', () => {
    assert.equal(admin.good('client', 'list'), 'none\n')
    assert.deepEqual(admin.json('client', 'list'), { clients: [], more: false, next: null })
    assert.deepEqual(admin.json('subject', 'apps', 'person_ada'), { apps: [], more: false, next: null })
    assert.deepEqual(admin.json('subject', 'grants', 'person_ada'), { grants: [], more: false, next: null })
    assert.deepEqual(admin.json('token', 'list', 'person_ada'), { tokens: [], more: false, next: null })
  })

  test('every client is listed once, page by page, in the order of their ids', async () => {
    const made = new Set(await Promise.all(Array.from({ length: 7 }, async (_, i) => (await register(server, { client_name: `Client ${i}` })).client_id)))
    const met = []
    for (let page = { next: '' }; page.next !== null;) {
      page = admin.json('client', 'list', '--limit', 3, ...page.next ? ['--after', page.next] : [])
      assert.ok(page.clients.length <= 3)
      met.push(...page.clients.map(client => client.client_id))
    }
    assert.deepEqual(met, [...made].sort())
    assert.deepEqual(new Set(met), made)
    const { out, err } = admin.run('client', 'list', '--limit', 3)
    assert.equal(out.split('\n').length, 5)
    assert.match(err, new RegExp(`go on with --after ${met[2]}\n$`))
  })

  test('a client is shown whole', async () => {
    const { client_id } = await register(server, { client_name: 'Shown', client_uri: 'https://client.example/', redirect_uris: ['http://127.0.0.1/a', 'cursor://b/c'] })
    const client = admin.json('client', 'show', client_id)
    assert.match(client.registered_at, time)
    assert.deepEqual(client, {
      client_id, name: 'Shown', origin: 'registered', auth: 'none', redirect_uris: ['http://127.0.0.1/a', 'cursor://b/c'], scopes: '',
      grant_types: ['authorization_code', 'refresh_token'], client_uri: 'https://client.example/', logo_uri: '', policy_uri: '', tos_uri: '',
      software_id: '', software_version: '', jwks_uri: '', has_keys: false, has_secret: false, secret_expires_at: null, resource: '', workspaces: [],
      registered_at: client.registered_at, used_at: null, expires_at: null,
    })
    assert.match(admin.good('client', 'show', client_id), /^name {16}Shown$/m)
    const secret = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    remember(secret.client_secret)
    assert.equal(admin.json('client', 'show', secret.client_id).has_secret, true)
    assert.equal(admin.json('client', 'show', secret.client_id).auth, 'client_secret_basic')
  })

  test('grants are found by their subject and by their client', async () => {
    const shared = await register(server, { client_name: 'Shared' })
    await ada.connect(shared)
    await gracie.connect(shared, { workspaces: ['ws_navy'] })
    const { grants } = admin.json('client', 'grants', shared.client_id)
    assert.deepEqual(grants.map(grant => grant.subject).sort(), ['person_ada', 'person_grace'])
    const hers = grants.find(grant => grant.subject === 'person_grace')
    assert.match(hers.created_at, time)
    assert.match(hers.grant_id, /^[0-9a-f]{32}$/)
    assert.deepEqual({ ...hers, grant_id: '', created_at: '', issued_at: '' }, {
      grant_id: '', client_id: shared.client_id, client_name: 'Shared', subject: 'person_grace', scopes: 'mcp', workspaces: ['ws_navy'],
      resource: server.mcp, created_at: '', issued_at: '', used_at: null,
    })
    assert.deepEqual(admin.json('subject', 'grants', 'person_grace').grants, [hers])
    const [first, second] = grants.map(grant => grant.grant_id)
    assert.equal(admin.json('client', 'grants', shared.client_id, '--limit', 1).next, first)
    assert.equal(admin.json('client', 'grants', shared.client_id, '--after', first).grants[0].grant_id, second)
    assert.match(admin.good('client', 'grants', shared.client_id), new RegExp(`^${hers.grant_id} +${shared.client_id} +Shared +person_grace +mcp +ws_navy +`, 'm'))
  })

  test('an app is disconnected for one person, and for nobody else', async () => {
    const shared = await register(server, { client_name: 'Two users' })
    const mine = await ada.connect(shared), hers = await gracie.connect(shared, { workspaces: ['ws_navy'] })
    const app = admin.json('subject', 'apps', 'person_ada').apps.find(({ name }) => name === 'Two users')
    assert.deepEqual([app.client_ids, app.connections, app.redirect_host], [[shared.client_id], 1, '127.0.0.1'])
    admin.bad(3, /none of these clients is connected/, 'subject', 'disconnect', 'person_ada', 'nobody')
    admin.bad(3, /none of these clients is connected/, 'subject', 'disconnect', 'nobody', shared.client_id)
    assert.ok(await lives(mine))
    assert.deepEqual(admin.json('subject', 'disconnect', 'person_ada', 'nobody', shared.client_id), { disconnected: 1 })
    assert.ok(!await lives(mine))
    assert.ok(await lives(hers))
    assert.equal((await refresh(server, shared, mine.refresh_token)).status, 400)
    admin.bad(3, /none of these clients is connected/, 'subject', 'disconnect', 'person_ada', shared.client_id)
  })

  test('one grant is revoked, and its sister lives', async () => {
    const client = await register(server, { client_name: 'Twice' })
    const first = await ada.connect(client)
    const id = grantOf('person_ada', client)
    const second = await ada.connect(client)
    admin.bad(3, /no such grant/, 'grant', 'revoke', id.slice(1))
    admin.bad(3, /no such grant/, 'grant', 'revoke', id.replace(/.$/, c => c === '0' ? '1' : '0'))
    admin.bad(3, /no such grant/, 'grant', 'revoke', id.toUpperCase().replace(/^\d+$/, 'A'))
    assert.deepEqual(admin.json('grant', 'revoke', id), { revoked: 1 })
    assert.ok(!await lives(first))
    assert.ok(await lives(second))
    assert.equal(admin.good('grant', 'revoke', id), 'grants revoked: 1\n', 'it can be asked for again')
  })

  test('a code that is under way dies with its client', async () => {
    const client = await register(server)
    const request = authorization(server, client)
    const answer = await ada.allow(request.url)
    admin.bad(3, /no such client/, 'client', 'remove', client.client_id.slice(1))
    assert.deepEqual(admin.json('client', 'remove', client.client_id), { removed: 1 })
    admin.bad(3, /no such client/, 'client', 'remove', client.client_id)
    admin.bad(3, /no such client/, 'client', 'show', client.client_id)
    admin.bad(3, /no such client/, 'client', 'grants', client.client_id)
    const { body } = await redeem(server, request, answer.get('code'))
    assert.equal(body.error, 'invalid_client')
  })

  test('a personal token is shown once, works, and is its subject\'s alone to revoke', async () => {
    const wish = ['--name', 'nightly backup', '--scopes', 'mcp:read', '--workspace', 'ws_notes', '--workspace', 'ws_engine', '--resource', server.mcp, '--days', 7]
    const { status, out, err } = admin.run('token', 'make', 'person_ada', ...wish)
    assert.equal(status, 0, err)
    assert.match(out, /^ist_pt_[A-Za-z0-9_-]{48}\n$/)
    remember(out.trim())
    assert.equal((await tool(server, out.trim(), 'list_workspaces')).status, 200)
    const { tokens } = admin.json('token', 'list', 'person_ada')
    assert.equal(tokens.length, 1)
    const [{ token_id, created_at, expires_at, ...rest }] = tokens
    assert.match(err, new RegExp(token_id))
    assert.ok(Math.abs(new Date(expires_at) - new Date(created_at) - 7 * 86400_000) <= 2000)
    assert.equal(rest.name, 'nightly backup')
    assert.equal(rest.scopes, 'mcp:read')
    assert.deepEqual(rest.workspaces, ['ws_notes', 'ws_engine'])
    assert.match(admin.good('token', 'list', 'person_ada'), new RegExp(`^${token_id} +nightly backup +mcp:read +ws_notes ws_engine `, 'm'))
    admin.bad(3, /no such token/, 'token', 'revoke', 'person_grace', token_id)
    admin.bad(3, /no such token/, 'token', 'revoke', 'person_ada', token_id.slice(1))
    assert.equal((await tool(server, out.trim(), 'list_workspaces')).status, 200)
    assert.deepEqual(admin.json('token', 'revoke', 'person_ada', token_id), { revoked: 1 })
    assert.equal((await tool(server, out.trim(), 'list_workspaces')).status, 401)
    assert.deepEqual(admin.json('token', 'list', 'person_ada').tokens, [])
  })

  test('a personal token as JSON, without an end, and of scopes that only the server knows', async () => {
    const made = JSON.parse(admin.run('--json', 'token', 'make', 'person_grace', '--name', 'x', '--scopes', 'mcp boards:archive', '--resource', server.mcp, '--days', 0).out)
    remember(made.token)
    assert.equal((await tool(server, made.token, 'list_workspaces')).status, 200)
    const [token] = admin.json('token', 'list', 'person_grace').tokens
    assert.deepEqual([token.token_id, token.scopes, token.expires_at], [made.token_id, 'mcp boards:archive', null])
    assert.deepEqual(admin.json('grant', 'revoke', made.token_id), { revoked: 1 })
    assert.equal((await tool(server, made.token, 'list_workspaces')).status, 401)
  })

  test('a token that could not be written is revoked', async () => {
    const wish = ['token', 'make', 'person_ada', '--name', 'lost', '--scopes', 'mcp', '--resource', server.mcp]
    assert.equal(admin.unheard(...wish), 1)
    assert.ok(!admin.json('token', 'list', 'person_ada').tokens.some(({ name }) => name === 'lost'))
  })

  test('everything of a subject ends at once', async () => {
    const one = await connect(ada, 'One'), two = await connect(ada, 'Two'), hers = await connect(gracie, 'Hers', { workspaces: ['ws_navy'] })
    const before = admin.json('subject', 'grants', 'person_ada').grants.length
    assert.ok(before >= 2)
    assert.deepEqual(admin.json('subject', 'revoke', 'person_ada'), { revoked: before })
    assert.ok(!await lives(one) && !await lives(two))
    assert.ok(await lives(hers))
    assert.equal(admin.good('subject', 'revoke', 'person_ada'), 'grants and personal tokens revoked: 0\n')
  })

  test('purge takes what is over, and nothing that is of use', async () => {
    const kept = await connect(ada, 'Kept'), unused = await register(server, { client_name: 'Never used' })
    admin.good('purge')
    assert.equal(admin.json('client', 'show', unused.client_id).name, 'Never used')
    age(place, unused.client_id, 3 * 86400)
    assert.deepEqual(admin.json('purge', '--unused-days', 4), { removed: 0 })
    assert.deepEqual(admin.json('purge', '--unused-days', 2), { removed: 1 })
    admin.bad(3, /no such client/, 'client', 'show', unused.client_id)
    assert.ok(await lives(kept))
  })
})
