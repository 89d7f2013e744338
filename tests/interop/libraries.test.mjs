// OAuth libraries as MCP clients: from the 401 of the MCP endpoint to a tool call, with everything between done by
// the library; and the tour, which does it with curl. The person is at no browser here.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { Row, versionOf } from '../lib/matrix.mjs'
import { tool } from '../lib/oauth.mjs'
import { Person } from '../lib/person.mjs'
import { remember, rememberAll } from '../lib/secrets.mjs'
import { root, startServer } from '../lib/server.mjs'

let server, person
before(async () => { server = await startServer(); person = new Person(server) })
after(() => server?.stop())

const redirect = 'http://127.0.0.1/callback'
const metadata = { client_name: 'Library', redirect_uris: [redirect], token_endpoint_auth_method: 'none', response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'] }
const wire = { [oauth.allowInsecureRequests]: true } // http, on loopback
const loopback = { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' }
const readOnly = { access: 'mcp:read', workspaces: ['ws_engine'] }

// Each: register() once, authorize() gives { url, redeem(answer) }, refresh(token) and revoke(token); tokens as they come.
class Oauth4webapi {
  static package = 'oauth4webapi'
  async register() {
    const resource = new URL(server.mcp)
    const document = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, wire))
    const issuer = new URL(document.authorization_servers[0])
    this.as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...wire }))
    this.me = await oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(this.as, metadata, wire))
    return this.me.client_id
  }

  async authorize(scope) {
    const verifier = remember(oauth.generateRandomCodeVerifier()), state = oauth.generateRandomState(), url = new URL(this.as.authorization_endpoint)
    url.search = new URLSearchParams({
      client_id: this.me.client_id, redirect_uri: redirect, response_type: 'code', scope, state, resource: server.mcp,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    })
    return { url, redeem: async answer => oauth.processAuthorizationCodeResponse(this.as, this.me,
      await oauth.authorizationCodeGrantRequest(this.as, this.me, oauth.None(), oauth.validateAuthResponse(this.as, this.me, answer, state), redirect, verifier, wire)) }
  }

  async refresh(token) {
    return oauth.processRefreshTokenResponse(this.as, this.me, await oauth.refreshTokenGrantRequest(this.as, this.me, oauth.None(), token, wire))
  }

  async revoke(token) {
    await oauth.processRevocationResponse(await oauth.revocationRequest(this.as, this.me, oauth.None(), token, wire))
  }
}

class OpenidClient {
  static package = 'openid-client'
  async register() {
    this.config = await openid.dynamicClientRegistration(new URL(server.url), metadata, openid.None(), loopback)
    return this.config.clientMetadata().client_id
  }

  async authorize(scope) {
    const verifier = remember(openid.randomPKCECodeVerifier()), state = openid.randomState()
    const url = openid.buildAuthorizationUrl(this.config, {
      redirect_uri: redirect, scope, state, resource: server.mcp,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    })
    return { url, redeem: answer => openid.authorizationCodeGrant(this.config, new URL(`${redirect}?${answer}`), { pkceCodeVerifier: verifier, expectedState: state }) }
  }

  refresh(token) { return openid.refreshTokenGrant(this.config, token) }
  revoke(token) { return openid.tokenRevocation(this.config, token) }
}

for (const Library of [Oauth4webapi, OpenidClient])
  describe(Library.package, () => {
    const row = new Row({ id: Library.package.replace('-', '_'), name: Library.package, version: versionOf(Library.package), how: 'real', registration: 'DCR', quick: true })
    const calls = (tokens, name = 'list_workspaces', args = {}) => tool(server, tokens.access_token, name, args)

    async function connected(choice) {
      const library = new Library()
      const client_id = await library.register()
      const connect = async (scope, choice) => {
        const { url, redeem } = await library.authorize(scope)
        return rememberAll(await redeem(await person.allow(url.href, choice)))
      }
      return { library, client_id, connect, tokens: await connect('mcp', choice) }
    }

    test('connects and calls a tool', async () => {
      const { tokens } = await connected()
      assert.match(JSON.stringify((await calls(tokens)).body), /ws_engine/)
      row.saw('connect', 'yes')
    })

    test('refreshes', async () => {
      const { library, tokens } = await connected()
      const next = rememberAll(await library.refresh(tokens.refresh_token))
      assert.notEqual(next.refresh_token, tokens.refresh_token)
      assert.equal((await calls(next)).status, 200)
      row.saw('refresh', 'yes')
    })

    test('steps up with the scope of the challenge', async () => {
      const { connect, tokens } = await connected(readOnly)
      const write = now => calls(now, 'create_card', { workspace: 'ws_engine', title: Library.package })
      const refused = await write(tokens)
      assert.equal(refused.status, 403)
      const [, scope] = /scope="([^"]+)"/.exec(refused.headers.get('www-authenticate'))
      assert.equal((await write(await connect(scope))).status, 200)
      row.saw('step_up', 'its caller asks for the scope of the challenge')
    })

    test('is cut off, and revokes by itself', async () => {
      const { library, client_id, connect, tokens } = await connected()
      await person.disconnect({ client_id })
      assert.equal((await calls(tokens)).status, 401)
      await assert.rejects(() => library.refresh(tokens.refresh_token), { error: 'invalid_grant' })
      const again = await connect('mcp')
      assert.equal((await calls(again)).status, 200)
      await library.revoke(again.refresh_token)
      assert.equal((await calls(again)).status, 401)
      row.saw('revoke', '401, then invalid_grant: its caller asks again, under the same registration')
    })
  })

test('curl walks the tour', async () => {
  const row = new Row({ id: 'curl', name: 'curl (`make tour`)', version: "the system's", how: 'real', registration: 'DCR', quick: true })
  const { stdout } = await promisify(execFile)(path.join(root, 'examples/tour'), [server.url], { encoding: 'utf8' })
  for (const [column, step, seen] of [
    ['connect', /Now it may call tools/, 'yes'],
    ['refresh', /exchanged for new tokens/, 'yes'],
    ['step_up', /answers 403 with the scope to ask for/, 'shows the 403, and stops there'],
    ['revoke', /everything of this app is dead at once/, '401, then invalid_grant'],
  ]) {
    assert.match(stdout, step)
    row.saw(column, seen)
  }
})
