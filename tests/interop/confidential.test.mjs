// Clients that prove themselves, machines, and a second server that introspects: with clients that others
// wrote, against the example servers.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose'
import * as extensions from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import * as v2 from '@modelcontextprotocol/client'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { authorize, openBrowser, openWindow } from '../lib/browser.mjs'
import { generations, Host } from '../lib/host.mjs'
import { listen, rpc, tool } from '../lib/oauth.mjs'
import { remember, rememberAll } from '../lib/secrets.mjs'
import { freePort, startNotes, startServer } from '../lib/server.mjs'

let browser, server, notes, client, folder, clients, machineKey

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-'))
  const file = path.join(folder, 'clients'), keys = path.join(folder, 'keys'), port = await freePort()
  machineKey = await generateKeyPair('ES256', { extractable: true })
  fs.writeFileSync(keys, JSON.stringify({ keys: [{ ...await exportJWK(machineKey.publicKey), kid: 'm1' }] }))
  browser = await openBrowser()
  client = await listen()
  server = await startServer('--clients', file, '--machine-keys', keys, '--notes', `http://127.0.0.1:${port}/mcp`)
  notes = await startNotes('--issuer', server.url, '--clients', file, '--listen', `127.0.0.1:${port}`)
  assert.equal(fs.statSync(file).mode & 0o777, 0o600)
  clients = Object.fromEntries(fs.readFileSync(file, 'utf8').trim().split('\n').map(line => {
    const [name, client_id, client_secret] = line.split(' ')
    return [name, rememberAll({ client_id, client_secret })]
  }))
})
after(async () => {
  await browser?.close()
  await client?.close()
  await notes?.stop()
  await server?.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})

async function window(t) {
  const context = await openWindow(browser)
  t.after(() => context.close())
  return context.newPage()
}

// http, on loopback; and whatever is sent is remembered, so that no log may hold it.
const wire = {
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: (url, init) => {
    if (init.body instanceof URLSearchParams) rememberAll(init.body)
    if (init.headers?.authorization) remember(init.headers.authorization.split(' ')[1])
    return fetch(url, init)
  },
}
const metadata = method => ({
  client_name: 'Proven', redirect_uris: [client.url], token_endpoint_auth_method: method,
  response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'],
})
const engine = { workspaces: ['ws_engine'] }

describe('oauth4webapi', () => {
  // What registers, and how it proves itself from then on.
  const ways = {
    client_secret_basic: me => oauth.ClientSecretBasic(me.client_secret),
    client_secret_post: me => oauth.ClientSecretPost(me.client_secret),
    private_key_jwt: (me, pair) => oauth.PrivateKeyJwt(pair.privateKey),
  }

  async function register(method, pair) {
    const issuer = new URL(server.url)
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...wire }))
    assert.ok(as.token_endpoint_auth_methods_supported.includes(method))
    assert.equal(as.token_endpoint_auth_methods_supported[0], 'none')
    const jwks = pair && { keys: [await exportJWK(pair.publicKey)] }
    const response = await oauth.dynamicClientRegistrationRequest(as, { ...metadata(method), ...(jwks && { jwks }) }, wire)
    const me = rememberAll(await oauth.processDynamicClientRegistrationResponse(response))
    assert.equal(me.token_endpoint_auth_method, method)
    return { as, me }
  }

  async function connect(page, { as, me }, proof) {
    const verifier = remember(oauth.generateRandomCodeVerifier()), state = oauth.generateRandomState()
    const url = new URL(as.authorization_endpoint)
    url.search = new URLSearchParams({
      client_id: me.client_id, redirect_uri: client.url, response_type: 'code', scope: 'mcp', state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    })
    const answer = oauth.validateAuthResponse(as, me, await authorize(page, { url: url.href, state }, client, engine), state)
    const response = await oauth.authorizationCodeGrantRequest(as, me, proof, answer, client.url, verifier, wire)
    return rememberAll(await oauth.processAuthorizationCodeResponse(as, me, response))
  }

  const introspect = async ({ as, me }, proof, token) => oauth.processIntrospectionResponse(as, me,
    await oauth.introspectionRequest(as, me, proof, token, wire))

  for (const [method, way] of Object.entries(ways))
    for (const alg of method === 'private_key_jwt' ? ['ES256', 'RS256', 'Ed25519'] : [undefined])
      test(`${method} ${alg ?? ''} registers, connects, refreshes, introspects and revokes`, async t => {
        const pair = alg && await generateKeyPair(alg)
        const { as, me } = await register(method, pair)
        const proof = way(me, pair)
        assert.equal(!!me.client_secret, method !== 'private_key_jwt')
        if (me.client_secret) assert.equal(me.client_secret_expires_at, 0)

        const first = await connect(await window(t), { as, me }, proof)
        const second = rememberAll(await oauth.processRefreshTokenResponse(as, me,
          await oauth.refreshTokenGrantRequest(as, me, proof, first.refresh_token, wire)))
        assert.equal((await tool(server, second.access_token, 'list_cards', { workspace: 'ws_engine' })).status, 200)

        const about = await introspect({ as, me }, proof, second.access_token)
        assert.equal(about.active, true)
        assert.equal(about.client_id, me.client_id)
        assert.equal(about.aud, server.mcp)
        assert.equal(about.iss, server.url)
        assert.equal(about.scope, 'mcp')
        assert.deepEqual(about.workspaces, ['ws_engine'])
        assert.equal(about.username, undefined)

        await oauth.processRevocationResponse(await oauth.revocationRequest(as, me, proof, second.refresh_token, wire))
        assert.deepEqual(await introspect({ as, me }, proof, second.access_token), { active: false })
        assert.equal((await rpc(server, second.access_token, 'tools/list')).status, 401)
      })

  test('a wrong secret, a wrong key and none at all are a 401 that the client understands', async t => {
    const { as, me } = await register('client_secret_basic')
    const strange = await generateKeyPair('ES256')
    const ways = { wrong: oauth.ClientSecretBasic('wrong'), post: oauth.ClientSecretPost(me.client_secret), none: oauth.None(), key: oauth.PrivateKeyJwt(strange.privateKey) }
    for (const [name, proof] of Object.entries(ways)) {
      const response = await oauth.refreshTokenGrantRequest(as, me, proof, 'x', wire)
      assert.equal(response.status, 401, name)
      await assert.rejects(oauth.processRefreshTokenResponse(as, me, response), error => {
        // oauth4webapi looks at a challenge before it looks at the body.
        if (name === 'wrong') assert.equal(error.cause?.[0]?.scheme, 'basic')
        else assert.equal(error.error, 'invalid_client')
        return true
      }, name)
    }
  })
})

describe('openid-client', () => {
  const ways = {
    client_secret_basic: secret => openid.ClientSecretBasic(secret),
    client_secret_post: secret => openid.ClientSecretPost(secret),
    private_key_jwt: (_, pair) => openid.PrivateKeyJwt(pair.privateKey),
  }
  for (const [method, way] of Object.entries(ways))
    test(`${method}: registration, code flow with an ID token, refresh, introspection, revocation`, async t => {
      const pair = method === 'private_key_jwt' ? await generateKeyPair('ES256') : undefined
      const wish = { ...metadata(method), ...(pair && { jwks: { keys: [await exportJWK(pair.publicKey)] } }) }
      const loopback = { execute: [openid.allowInsecureRequests] }
      const me = await openid.dynamicClientRegistration(new URL(server.url), wish, undefined, loopback)
      const { client_id, client_secret } = rememberAll(me.clientMetadata())
      const config = await openid.discovery(new URL(server.url), client_id, { client_secret, token_endpoint_auth_method: method }, way(client_secret, pair), loopback)
      const verifier = remember(openid.randomPKCECodeVerifier()), state = openid.randomState(), nonce = openid.randomNonce()
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: client.url, scope: 'openid mcp', state, nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      })
      const answer = await authorize(await window(t), { url: url.href, state }, client, engine)
      const tokens = rememberAll(await openid.authorizationCodeGrant(config, new URL(`${client.url}?${answer}`),
        { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }))
      assert.equal(tokens.claims().aud, client_id)
      const next = rememberAll(await openid.refreshTokenGrant(config, tokens.refresh_token))
      const about = await openid.tokenIntrospection(config, next.access_token)
      assert.equal(about.active, true)
      assert.equal(about.client_id, client_id)
      await openid.tokenRevocation(config, next.refresh_token)
      assert.equal((await openid.tokenIntrospection(config, next.access_token)).active, false)
    })
})

describe('machines', () => {
  const providers = { v1: extensions, v2 }
  for (const [generation, { Client, Transport }] of Object.entries(generations)) {
    const connect = async (t, authProvider, mcp = server.mcp) => {
      const host = new Client({ name: 'Nightly report', version: '1' })
      await host.connect(new Transport(new URL(mcp), { authProvider }))
      t.after(() => host.close())
      return host
    }
    const { ClientCredentialsProvider, PrivateKeyJwtProvider } = providers[generation]

    test(`the SDK's ClientCredentialsProvider, ${generation}, uses its tools and no person's`, async t => {
      const { client_id: clientId, client_secret: clientSecret } = clients.machine
      const provider = new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: server.url })
      const host = await connect(t, provider)
      rememberAll(provider.tokens())
      assert.equal(provider.tokens().refresh_token, undefined)
      const made = await host.callTool({ name: 'create_card', arguments: { workspace: 'ws_engine', title: `Report ${generation}` } })
      assert.ok(!made.isError)
      const said = await host.callTool({ name: 'post_chat_message', arguments: { workspace: 'ws_engine', text: `Done ${generation}` } })
      assert.ok(!said.isError)
      const chat = await host.callTool({ name: 'get_chat_history', arguments: { workspace: 'ws_engine' } })
      assert.match(JSON.stringify(chat), /nightly-report/)
      assert.equal((await tool(server, provider.tokens().access_token, 'list_cards', { workspace: 'ws_notes' })).status, 403)
    })

    test(`the SDK's PrivateKeyJwtProvider, ${generation}, connects with a key`, async t => {
      const provider = new PrivateKeyJwtProvider({
        clientId: clients.signed.client_id, privateKey: await exportPKCS8(machineKey.privateKey), algorithm: 'ES256',
        expectedIssuer: server.url, scope: 'mcp:read',
      })
      const host = await connect(t, provider)
      rememberAll(provider.tokens())
      // The second generation asks for what the challenge named, whatever it was told.
      assert.equal(provider.tokens().scope, generation === 'v1' ? 'mcp:read' : 'mcp')
      assert.ok((await host.listTools()).tools.length > 0)
    })
  }

  test('nobody becomes one by registering', async () => {
    const response = await fetch(`${server.url}/api/oauth/register`, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...metadata('client_secret_post'), grant_types: ['authorization_code', 'client_credentials'] }),
    })
    const me = rememberAll(await response.json())
    assert.deepEqual(me.grant_types, ['authorization_code'])
    const asked = await fetch(`${server.url}/api/oauth/token`, {
      method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: me.client_id, client_secret: me.client_secret }),
    })
    assert.equal(asked.status, 400)
    assert.equal((await asked.json()).error, 'unauthorized_client')
  })
})

describe('the second server', () => {
  const textOf = result => result.content.map(part => part.text ?? '').join('\n')

  test('is opened by the first one’s tokens, and shut at once when they are revoked', async t => {
    const page = await window(t), host = new Host('v1', notes, client, page, { name: 'Reader' })
    t.after(() => host.close())
    await host.connect(engine)
    assert.equal(new URL(host.provider.discovered.authorizationServerUrl).origin, server.url)
    assert.match(textOf(await host.call('list_notes', { workspace: 'ws_engine' })), /ws_engine, shown to person_ada/)
    await assert.rejects(() => host.call('list_notes', { workspace: 'ws_notes' }))
    assert.equal(host.calls('/mcp').at(-1).status, 403)

    const token = host.provider.saved.access_token
    assert.equal((await rpc(server, token, 'tools/list')).status, 401, 'it is not for the first server')
    assert.equal((await rpc(notes, token, 'tools/list')).status, 200)
    await page.goto(`${server.url}/settings`)
    await page.getByLabel('Disconnect Reader').click()
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.getByLabel('Disconnect Reader').waitFor({ state: 'detached' })
    const dead = await rpc(notes, token, 'tools/list')
    assert.equal(dead.status, 401)
    assert.match(dead.headers.get('www-authenticate'), /error="invalid_token"/)
  })

  test('is shut to tokens of the first server’s own endpoint, and to machines without a token for it', async () => {
    const { client_id, client_secret } = clients.machine
    const ask = async resource => {
      const response = await fetch(`${server.url}/api/oauth/token`, {
        method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
        headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
      })
      return rememberAll(await response.json()).access_token
    }
    assert.equal((await rpc(notes, await ask(server.mcp), 'tools/list')).status, 401)
    const mine = await ask(notes.mcp)
    assert.equal((await rpc(notes, mine, 'tools/list')).status, 200)
    assert.match(JSON.stringify((await tool(notes, mine, 'list_notes', { workspace: 'ws_engine' })).body), /shown to nightly-report/)
    assert.equal((await tool(notes, mine, 'list_notes', { workspace: 'ws_home' })).status, 403)
    const odd = await fetch(notes.mcp, { method: 'POST', body: '{"jsonrpc":"2.0","id":1e300,"method":"ping"}', headers: { authorization: `Bearer ${mine}`, 'content-type': 'application/json' } })
    assert.deepEqual([odd.status, (await odd.json()).error.code], [400, -32600])
  })

  test('says where its tokens come from, and serves no other endpoint', async () => {
    const document = await (await fetch(`${notes.url}/.well-known/oauth-protected-resource/mcp`)).json()
    assert.deepEqual(document.authorization_servers, [server.url])
    assert.equal(document.resource, notes.mcp)
    for (const place of ['/api/oauth/token', '/api/oauth/register', '/oauth/authorize', '/.well-known/oauth-authorization-server', '/api/oauth/introspect'])
      assert.equal((await fetch(notes.url + place, { redirect: 'manual' })).status, 404, place)
  })

  test('answers 503, and not 401, when the first one cannot be asked', async t => {
    const file = path.join(folder, 'gone')
    fs.writeFileSync(file, 'notes notes-server no-such-secret\n')
    const port = await freePort(), lonely = await startNotes('--issuer', server.url, '--clients', file, '--listen', `127.0.0.1:${port}`)
    t.after(lonely.stop)
    const { client_id, client_secret } = clients.machine
    const response = await fetch(`${server.url}/api/oauth/token`, {
      method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', resource: notes.mcp }),
      headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
    })
    const { access_token } = rememberAll(await response.json())
    assert.equal((await rpc(lonely, access_token, 'tools/list')).status, 503)
  })
})
