// Clients that cannot be run here, replayed over HTTP: each file of tests/fixtures is modelled on a client (R: seen
// in a run of it, S: its source, D: its documentation, I: reports), not captured from it. What it asks before it
// connects, its registration or document, its queries and forms, its habits; and what must not pass for it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Row } from '../lib/matrix.mjs'
import { authorization, rpc, tool } from '../lib/oauth.mjs'
import { Person } from '../lib/person.mjs'
import { authority, publisher } from '../lib/publisher.mjs'
import { rememberAll } from '../lib/secrets.mjs'
import { root, startServer } from '../lib/server.mjs'

const read = folder => fs.globSync('*.json', { cwd: path.join(root, 'tests/fixtures', folder) }).sort()
  .map(file => JSON.parse(fs.readFileSync(path.join(root, 'tests/fixtures', folder, file), 'utf8')))
const clients = read('clients'), documents = read('documents')

let server, person, ca, publishes
before(async () => {
  ca = authority()
  publishes = await publisher(ca)
  server = await startServer('--refresh-retry-window', 30, '--document-ca', ca.file, '--document-loopback')
  person = new Person(server)
})
after(async () => {
  await publishes?.close()
  await server?.stop()
  ca?.remove()
})

const readOnly = { access: 'mcp:read', workspaces: ['ws_engine'] }
const names = text => text.split(' ').sort()
const events = event => server.log().split(` event ${event} `).length - 1

// A request as the client writes it; what the answer must be.
const expectations = {
  challenge({ status, headers }) {
    assert.equal(status, 401)
    assert.equal(headers.get('www-authenticate'), `Bearer resource_metadata="${server.url}/.well-known/oauth-protected-resource/mcp", scope="mcp"`)
  },
  resource({ status, json }) {
    assert.equal(status, 200)
    assert.equal(json.resource, server.mcp)
    assert.deepEqual(json.authorization_servers, [server.url])
    assert.deepEqual(json.scopes_supported, ['mcp', 'mcp:read'])
  },
  metadata({ status, json }) {
    assert.equal(status, 200)
    assert.equal(json.issuer, server.url)
    assert.ok(json.code_challenge_methods_supported.includes('S256'))
    assert.ok(json.token_endpoint_auth_methods_supported.includes('none'))
    assert.equal(json.authorization_response_iss_parameter_supported, true)
  },
  unknown_client({ status, json }) {
    assert.ok(status === 400 || status === 401)
    assert.equal(json.error, 'invalid_client')
  },
  preflight({ status, headers }) {
    assert.equal(status, 204)
    assert.ok(['*', 'http://localhost:6274'].includes(headers.get('access-control-allow-origin')))
    for (const name of ['authorization', 'content-type', 'mcp-protocol-version'])
      assert.match(headers.get('access-control-allow-headers').toLowerCase(), new RegExp(`\\b${name}\\b`))
  },
}

async function probe({ method, path: at, headers, body, expect }) {
  const response = await fetch(server.url + at.replace('{challenge}', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'),
    { method, headers, body: body && JSON.stringify(body), redirect: 'manual' })
  const text = await response.text()
  if (method === 'HEAD') assert.equal(text, '')
  const json = text && response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : undefined
  expectations[expect]({ status: response.status, headers: response.headers, json })
}

async function post(at, body) {
  const form = typeof body === 'string'
  const response = await fetch(server.url + at, {
    method: 'POST', redirect: 'manual', body: form ? body : JSON.stringify(body),
    headers: { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json', accept: 'application/json' },
  })
  const json = rememberAll(await response.json())
  assert.equal(response.headers.get('cache-control'), 'no-store')
  return { status: response.status, body: json }
}

// One walk of a client: the fixture's texts with their placeholders filled in.
class Walk {
  constructor(fixture) { Object.assign(this, { fixture, filling: {} }) }

  fill(text) {
    const here = encodeURIComponent(server.url)
    const filled = text.replaceAll('https%3A%2F%2Fas.example', here).replace(/\{(\w+)\}/g, (_, name) => this.filling[name])
    assert.ok(!/undefined|\{/.test(filled), filled)
    return filled
  }

  async register() {
    const { register } = this.fixture
    const { status, body } = await post('/api/oauth/register', register)
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual(body.redirect_uris, register.redirect_uris, 'the same bytes in the same order')
    assert.equal(body.client_name, register.client_name)
    assert.equal(body.token_endpoint_auth_method, 'none')
    for (const [name, value] of Object.entries(body)) assert.ok(value !== null && value !== '', `${name} is left out rather than empty`)
    this.client = body
    this.filling.client_id = body.client_id
    return body
  }

  // From the browser to tokens. `change` is what this time differs in the query.
  async connect(choice, change = {}) {
    const { verifier, url } = authorization(server, this.client)
    Object.assign(this.filling, { verifier, challenge: new URL(url).searchParams.get('code_challenge') })
    const query = new URLSearchParams(this.fill(this.fixture.authorize))
    for (const [name, value] of Object.entries(change)) query.set(name, value)
    const asked = Object.keys(change).length ? String(query) : this.fill(this.fixture.authorize)
    const answer = await person.allow(`${server.url}/oauth/authorize?${asked}`, choice)
    assert.equal(answer.get('state'), this.fixture.state)
    assert.equal(answer.get('iss'), server.url)
    this.filling.code = answer.get('code')
    return this.tokens('code')
  }

  async tokens(name) {
    const { status, body } = await post('/api/oauth/token', this.fill(this.fixture[name]))
    assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`)
    assert.equal(body.token_type, 'Bearer')
    assert.equal(body.expires_in, 3600)
    if (body.refresh_token) this.filling.refresh_token = body.refresh_token
    this.saved = body
    return body
  }

  call(name = 'list_workspaces', args = {}) { return tool(server, this.saved.access_token, name, args) }
}

async function works(walk) {
  const { status, body } = await walk.call()
  assert.equal(status, 200)
  assert.match(JSON.stringify(body), /ws_engine/)
}

// Other addresses that look like one of the client's: not one of them is redirected to.
function* nearMisses(uri) {
  const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(?=\/|$)/.exec(uri)
  const [, scheme, host, rest] = /^([^:]+:\/\/)([^/]*)(.*)$/.exec(uri)
  yield uri + 'x'
  yield uri.endsWith('/') ? uri.slice(0, -1) : `${uri}/`
  yield `${uri}?next=1`
  yield `${uri}#part`
  if (rest.length > 1) yield `${scheme}${host}/other${rest}`
  if (/[a-z]/.test(rest)) yield scheme + host + rest.toUpperCase()
  if (/[a-z]/.test(host)) yield scheme + host.toUpperCase() + rest
  yield `${scheme}person@${host}${rest}`
  yield `${scheme}${host}.evil.example${rest}`
  yield `${scheme}evil.example/${host}${rest}`
  if (loopback) yield uri.replace(/^http:/, 'https:')
  if (loopback) yield uri.replace(loopback[1], '127.0.0.2')
  if (scheme === 'https://') yield `${scheme}${host}:8443${rest}`
  if (scheme === 'https://') yield uri.replace(/^https:/, 'http:')
}

async function asks(clientId, redirect) {
  const { url } = authorization(server, { client_id: clientId, redirect_uris: [redirect] })
  const response = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } })
  await response.text()
  return { status: response.status, location: response.headers.get('location') }
}

async function refusesWhatIsNear(clientId, uris) {
  for (const uri of uris)
    for (const near of nearMisses(uri))
      if (!uris.includes(near)) assert.deepEqual(await asks(clientId, near), { status: 400, location: null }, near)
}

for (const fixture of clients)
  describe(`modelled on ${fixture.name}`, () => {
    const row = new Row({ id: `modelled_${fixture.client}`, name: fixture.name, version: '', how: 'modelled', registration: 'DCR', quick: true })
    const identityOnly = !/^mcp/.test(fixture.granted)
    const wide = identityOnly ? { scope: 'mcp' } : {}

    test('says where each fact is from', () => {
      assert.ok(fixture.modelled_on.length > 10)
      for (const fact of fixture.facts) assert.match(fact, /^[RSDI]: /)
    })

    test('asks its way to a working tool call', async () => {
      const walk = new Walk(fixture)
      for (const one of fixture.probes) await probe(one)
      if (fixture.habits.includes('two_registrations')) {
        const first = await walk.register()
        assert.notEqual((await walk.register()).client_id, first.client_id)
      } else {
        await walk.register()
      }
      const { scope, refresh_token } = await walk.connect()
      // The example's page offers one or the other, and mcp implies mcp:read.
      assert.deepEqual(names(scope), names(fixture.granted.replace('mcp mcp:read', 'mcp')))
      assert.equal(refresh_token === undefined, !!fixture.no_refresh_token)
      if (identityOnly) {
        const refused = await walk.call()
        assert.equal(refused.status, 403)
        assert.match(refused.headers.get('www-authenticate'), /error="insufficient_scope", .*scope="mcp(:read)?"/)
        await walk.connect(undefined, wide)
      }
      await works(walk)
      row.saw('connect', 'yes')
    })

    test('stays connected', async () => {
      const walk = new Walk(fixture)
      await walk.register()
      await walk.connect(undefined, wide)
      if (fixture.no_refresh_token) return row.saw('refresh', 'it asks for no refresh token')
      for (const name of ['refresh', 'refresh_without_resource', 'refresh_without_scope']) {
        await walk.tokens(name)
        await works(walk)
      }
      // Every client can lose an answer; some ask several times at once.
      const asked = walk.fill(fixture.refresh)
      const answers = await Promise.all([1, 2, 3].map(() => post('/api/oauth/token', asked)))
      assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200])
      assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1, 'one and the same answer')
      walk.saved = answers[0].body
      await works(walk)
      row.saw('refresh', 'yes')
    })

    test('learns from a 403 what to ask for', async () => {
      const walk = new Walk(fixture)
      await walk.register()
      await walk.connect(readOnly, wide)
      await works(walk)
      const write = () => walk.call('create_card', { workspace: 'ws_engine', title: fixture.name })
      const refused = await write()
      assert.equal(refused.status, 403)
      assert.match(refused.headers.get('www-authenticate'), /^Bearer error="insufficient_scope", resource_metadata="[^"]+", scope="mcp", error_description="[^"]+"$/)
      await walk.connect(undefined, { scope: 'mcp' })
      const { status, body } = await write()
      assert.equal(status, 200)
      assert.ok(!body.result.isError)
      row.saw('step_up', 'yes, when it asks for the scope of the challenge')
    })

    test('is cut off, learns it, and may come back', async () => {
      const walk = new Walk(fixture)
      await walk.register()
      await walk.connect(undefined, wide)
      await person.disconnect(walk.client)
      const refused = await walk.call()
      assert.equal(refused.status, 401)
      assert.match(refused.headers.get('www-authenticate'), /^Bearer error="invalid_token", /)
      if (!fixture.no_refresh_token) {
        const dead = await post('/api/oauth/token', walk.fill(fixture.refresh))
        assert.deepEqual([dead.status, dead.body.error], [400, 'invalid_grant'])
      }
      await walk.connect(undefined, wide)
      await works(walk)
      // A registration that is gone is told apart from a token that is.
      walk.filling.client_id = '0'.repeat(32)
      const unknown = await post('/api/oauth/token', walk.fill(fixture.refresh ?? fixture.code))
      assert.deepEqual([unknown.status, unknown.body.error], [401, 'invalid_client'])
      row.saw('revoke', '401, then invalid_grant; a new sign-in works under the same registration')
    })

    test('is not taken for whoever looks like it', async () => {
      const walk = new Walk(fixture)
      const { client_id, redirect_uris } = await walk.register()
      for (const uri of [fixture.redirect_uri, ...fixture.more_redirect_uris ?? []]) assert.notEqual((await asks(client_id, uri)).status, 400, uri)
      await refusesWhatIsNear(client_id, redirect_uris)
    })
  })

for (const { client, url: published, document, requested, not_requested: not } of documents)
  describe(`modelled on the document of ${client}`, () => {
    const name = clients.find(fixture => fixture.client === client)?.name ?? document.client_name
    const row = new Row({ id: `document_${client}`, name, version: '', how: 'modelled', registration: 'document', quick: true })
    let url, registered
    before(() => {
      registered = events('registered')
      const { client_id: _, ...rest } = document
      url = publishes.publish(`/${client}${new URL(published).pathname}`, rest)
    })

    async function connect(uri, choice, parameters) {
      const request = authorization(server, { client_id: url, redirect_uris: [uri] }, parameters)
      const answer = await person.allow(request.url, choice)
      const form = { grant_type: 'authorization_code', code: answer.get('code'), client_id: url, redirect_uri: uri, code_verifier: request.verifier }
      const { status, body } = await post('/api/oauth/token', String(new URLSearchParams(form)))
      assert.equal(status, 200, `${uri}: ${JSON.stringify(body)}`)
      return body
    }
    const refreshed = token => post('/api/oauth/token', String(new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: url })))
    const create = token => tool(server, token, 'create_card', { workspace: 'ws_engine', title: client })

    test('connects from every address that it names, and refreshes', async () => {
      for (const uri of requested) {
        const next = await refreshed((await connect(uri)).refresh_token)
        assert.equal(next.status, 200)
        assert.equal((await tool(server, next.body.access_token, 'list_workspaces')).status, 200)
      }
      assert.equal(events('registered'), registered, 'nobody registered')
      row.saw('connect', 'yes')
      row.saw('refresh', 'yes')
    })

    test('learns from a 403 what to ask for', async () => {
      const { access_token } = await connect(requested[0], readOnly)
      const refused = await create(access_token)
      assert.equal(refused.status, 403)
      const [, scope] = /scope="([^"]+)"/.exec(refused.headers.get('www-authenticate'))
      assert.equal((await create((await connect(requested[0], undefined, { scope })).access_token)).status, 200)
      row.saw('step_up', 'yes, when it asks for the scope of the challenge')
    })

    test('is cut off, learns it, and may come back', async () => {
      const { access_token, refresh_token } = await connect(requested[0])
      await person.disconnect({ client_id: url })
      assert.equal((await create(access_token)).status, 401)
      const dead = await refreshed(refresh_token)
      assert.deepEqual([dead.status, dead.body.error], [400, 'invalid_grant'])
      assert.equal((await create((await connect(requested[0])).access_token)).status, 200)
      row.saw('revoke', '401, then invalid_grant; a new sign-in works with the same document')
    })

    test('is not taken for whoever looks like it', async () => {
      for (const uri of not) assert.deepEqual(await asks(url, uri), { status: 400, location: null }, uri)
      await refusesWhatIsNear(url, document.redirect_uris)
    })
  })

test('every client that has a document is replayed with it', () => {
  const have = documents.map(({ client }) => client)
  for (const { client, habits } of clients) if (habits.includes('document')) assert.ok(have.includes(client), client)
})
