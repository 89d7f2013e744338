// Strict OpenID Connect clients that others wrote, against the example server: oauth4webapi, openid-client,
// and jose for the keys.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { OAuthMetadataSchema, OpenIdProviderDiscoveryMetadataSchema } from '@modelcontextprotocol/sdk/shared/auth.js'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { ada, authorize, decide, grace, openBrowser, openWindow, screenshot, signIn } from '../lib/browser.mjs'
import { authorization, listen, redeem, register, rpc } from '../lib/oauth.mjs'
import { remember, rememberAll } from '../lib/secrets.mjs'
import { startServer } from '../lib/server.mjs'

const insecure = { [oauth.allowInsecureRequests]: true } // http, on loopback
const everything = 'mcp openid profile email'
const engine = { workspaces: ['ws_engine'] }

let browser, server, client
before(async () => {
  browser = await openBrowser()
  server = await startServer()
  client = await listen()
})
after(async () => {
  await browser.close()
  await client.close()
  await server.stop()
})

async function window(t) {
  const context = await openWindow(browser)
  t.after(() => context.close())
  return context.newPage()
}

// Everything that oauth4webapi needs of a registered client: { as, me }.
async function discover(algorithm, at = server) {
  const issuer = new URL(at.url)
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }))
  const wish = { client_name: 'Strict', redirect_uris: [client.url], token_endpoint_auth_method: 'none', response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'] }
  const me = await oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(as, wish, insecure))
  return { as, me }
}

// From the request to validated tokens: { result, claims, response }.
async function connect(page, { as, me }, parameters = {}, checks = {}, choice = engine, person = ada) {
  const verifier = remember(oauth.generateRandomCodeVerifier()), state = oauth.generateRandomState()
  const nonce = oauth.generateRandomNonce(), url = new URL(as.authorization_endpoint)
  url.search = new URLSearchParams({
    client_id: me.client_id, redirect_uri: client.url, response_type: 'code', scope: everything, state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...parameters,
  })
  const answer = await authorize(page, { url: url.href, state }, client, choice, person)
  const params = oauth.validateAuthResponse(as, me, answer, state)
  const response = await oauth.authorizationCodeGrantRequest(as, me, oauth.None(), params, client.url, verifier, insecure)
  const result = await oauth.processAuthorizationCodeResponse(as, me, response, { expectedNonce: nonce, requireIdToken: true, ...checks })
  rememberAll(result)
  return { result, claims: oauth.getValidatedIdTokenClaims(result), response }
}

for (const algorithm of ['oidc', 'oauth2'])
  test(`oauth4webapi goes the whole road from the ${algorithm} document`, async t => {
    const page = await window(t), { as, me } = await discover(algorithm)
    const { result, claims, response } = await connect(page, { as, me })
    assert.equal(result.scope, everything)
    await oauth.validateApplicationLevelSignature(as, response, insecure)
    assert.equal(claims.sub, 'person_ada')
    assert.equal(claims.azp, me.client_id)
    assert.ok(claims.at_hash && claims.auth_time <= claims.iat)

    const info = await oauth.processUserInfoResponse(as, me, claims.sub,
      await oauth.userInfoRequest(as, me, result.access_token, insecure))
    assert.deepEqual(info, {
      sub: 'person_ada', name: 'Ada Lovelace', picture: `${server.url}/people/ada.svg`,
      email: 'ada@example.com', email_verified: true,
    })
    assert.equal((await fetch(info.picture)).headers.get('content-type'), 'image/svg+xml')

    const again = await oauth.processRefreshTokenResponse(as, me,
      await oauth.refreshTokenGrantRequest(as, me, oauth.None(), result.refresh_token, insecure))
    rememberAll(again)
    const fresh = oauth.getValidatedIdTokenClaims(again)
    for (const name of ['iss', 'sub', 'aud', 'azp', 'auth_time']) assert.equal(fresh[name], claims[name])

    await oauth.processRevocationResponse(await oauth.revocationRequest(as, me, oauth.None(), again.refresh_token, insecure))
    assert.equal((await rpc(server, again.access_token, 'tools/list')).status, 401)
    const dead = await oauth.userInfoRequest(as, me, again.access_token, insecure)
    await assert.rejects(oauth.processUserInfoResponse(as, me, claims.sub, dead), oauth.WWWAuthenticateChallengeError)
  })

test('openid-client goes the whole road, signatures checked', async t => {
  const page = await window(t)
  const config = await openid.dynamicClientRegistration(new URL(server.url),
    { client_name: 'Stricter', redirect_uris: [client.url], token_endpoint_auth_method: 'none' },
    openid.None(), { execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] })
  const verifier = remember(openid.randomPKCECodeVerifier()), state = openid.randomState(), nonce = openid.randomNonce()
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: client.url, scope: 'openid email', state, nonce, max_age: '3600',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  })
  const answer = await authorize(page, { url: url.href, state }, client, {})
  const tokens = await openid.authorizationCodeGrant(config, new URL(`${client.url}?${answer}`),
    { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 3600, idTokenExpected: true })
  rememberAll(tokens)
  const { sub } = tokens.claims()
  assert.deepEqual(await openid.fetchUserInfo(config, tokens.access_token, sub),
    { sub: 'person_ada', email: 'ada@example.com', email_verified: true })
  const again = rememberAll(await openid.refreshTokenGrant(config, tokens.refresh_token))
  assert.equal(again.claims().sub, sub)
  await openid.tokenRevocation(config, again.refresh_token)
  await assert.rejects(openid.fetchUserInfo(config, again.access_token, sub))
})

test('DM-07 the documents are what the schemas of the MCP SDK ask for', async () => {
  const read = async name => (await fetch(`${server.url}/.well-known/${name}`)).json()
  const provider = OpenIdProviderDiscoveryMetadataSchema.parse(await read('openid-configuration'))
  assert.deepEqual(provider.id_token_signing_alg_values_supported, ['RS256'])
  const oauth2 = OAuthMetadataSchema.parse(await read('oauth-authorization-server'))
  assert.equal(oauth2.issuer, provider.issuer)
  assert.ok(oauth2.scopes_supported.includes('openid'))
})

test('a nonce that is not the one that was sent is noticed', async t => {
  const page = await window(t)
  await assert.rejects(connect(page, await discover('oidc'), { nonce: 'another' }), /nonce/)
})

test('userinfo takes its token in the form of a POST, and never in a query', async t => {
  const page = await window(t), { as, me } = await discover('oidc')
  const { result } = await connect(page, { as, me }, { scope: 'openid' }, {}, {})
  const form = { method: 'POST', body: new URLSearchParams({ access_token: result.access_token }) }
  assert.deepEqual(await (await fetch(as.userinfo_endpoint, form)).json(), { sub: 'person_ada' })
  assert.equal((await fetch(`${as.userinfo_endpoint}?access_token=${result.access_token}`)).status, 401)
})

test('a form of another site that posts the request finds the person signed in', async t => {
  const page = await window(t), known = await discover('oidc')
  await connect(page, known)
  const asked = authorization(server, { client_id: known.me.client_id, redirect_uris: [client.url] }, { scope: 'openid' })
  const fields = [...new URL(asked.url).searchParams].map(([name, value]) => `<input name="${name}" value="${value}">`)
  const answer = client.answer(asked)
  await page.goto(client.url) // another port, and so another origin
  await page.setContent(`<form method="post" action="${server.url}/oauth/authorize">${fields.join('')}<button>Go</button></form>`)
  await page.getByRole('button', { name: 'Go' }).click()
  await page.locator('button[name=decision][value=allow]').waitFor()
  await decide(page, {})
  assert.ok((await answer).get('code'))
})

// --- how the person signs in ---

const isSignIn = page => page.locator('input[name=password]').count()

test('prompt=login and max_age=0 ask for one more sign-in, and for one only', async t => {
  const page = await window(t), known = await discover('oidc')
  const first = await connect(page, known)
  for (const parameters of [{ prompt: 'login' }, { max_age: '0' }, { prompt: 'login consent' }]) {
    await new Promise(resolve => setTimeout(resolve, 1100)) // times are whole seconds
    const { claims } = await connect(page, known, parameters, parameters.max_age ? { maxAge: 0 } : {})
    assert.ok(claims.auth_time > first.claims.auth_time, JSON.stringify(parameters))
  }
})

test('without them, and within max_age, whoever is signed in stays so', async t => {
  const page = await window(t), known = await discover('oidc')
  const first = await connect(page, known)
  const { claims } = await connect(page, known, { max_age: '3600' }, { maxAge: 3600 })
  assert.equal(claims.auth_time, first.claims.auth_time)
})

test('prompt=select_account asks who it is to be, once', async t => {
  const page = await window(t), known = await discover('oidc')
  await connect(page, known)
  const { claims } = await connect(page, known, { prompt: 'select_account' }, {}, { workspaces: ['ws_navy'] }, grace)
  assert.equal(claims.sub, 'person_grace')
})

test('an ID token as a hint says who is expected', async t => {
  const page = await window(t), known = await discover('oidc')
  const { result } = await connect(page, known)
  const hint = { id_token_hint: result.id_token }
  assert.equal((await connect(page, known, hint)).claims.sub, 'person_ada')
  await page.context().clearCookies()
  await page.goto(`${server.url}/login`)
  await signIn(page, grace)
  const asked = authorization(server, { client_id: known.me.client_id, redirect_uris: [client.url] }, hint)
  await page.goto(asked.url)
  assert.ok(await isSignIn(page), 'grace is not whom the client expects')
  await signIn(page, ada)
  await page.locator('button[name=decision][value=allow]').waitFor()
})

test('the consent page says what it reveals, with the very values', async t => {
  const page = await window(t)
  const asked = authorization(server, await register(server, { redirect_uris: [client.url], client_name: 'Contact Book', client_uri: 'https://contacts.example' }),
    { scope: everything })
  const answer = client.answer(asked)
  await page.goto(asked.url)
  await signIn(page)
  const values = page.locator('.value')
  assert.deepEqual((await values.allInnerTexts()).map(text => text.trim()), ['person_ada', 'Ada Lovelace', 'ada@example.com'])
  const picture = page.getByRole('img', { name: 'Your picture' })
  assert.equal(await picture.evaluate(image => image.complete && image.naturalWidth > 0), true)
  await screenshot(page, 'consent-identity')
  await decide(page, engine)
  assert.ok((await answer).get('code'))
})

// --- keys ---

function folder(t) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-'))
  t.after(() => fs.rmSync(made, { recursive: true, force: true }))
  return name => path.join(made, name)
}

const rememberKey = pem => { remember(...pem.split('\n').filter(line => line.length > 20 && !line.startsWith('-'))); return pem }

function writeKey(file, type, options) {
  const pem = rememberKey(crypto.generateKeyPairSync(type, options).privateKey.export({ type: 'pkcs8', format: 'pem' }))
  fs.writeFileSync(file, pem, { mode: 0o600 })
}

async function idToken(page, at) {
  const mine = await register(at, { redirect_uris: [client.url] })
  const asked = authorization(at, mine, { scope: 'openid' })
  const answer = await authorize(page, asked, client, {})
  const { body } = await redeem(at, asked, answer.get('code'))
  return { token: body.id_token, audience: mine.client_id }
}

// As a client does it that has nothing but the issuer.
async function validate(at, { token, audience }) {
  const { jwks_uri: uri } = await (await fetch(`${at.url}/.well-known/openid-configuration`)).json()
  return jwtVerify(token, createRemoteJWKSet(new URL(uri)), { issuer: at.url, audience, typ: 'JWT', requiredClaims: ['sub', 'iat', 'exp'] })
}

test('jose validates ID tokens before and after their keys have changed', async t => {
  const page = await window(t), file = folder(t)
  const old = file('old.pem'), next = file('next.pem'), last = file('last.pem')
  writeKey(next, 'ec', { namedCurve: 'P-256' })
  writeKey(last, 'ed25519')
  let running = await startServer('--signing-key', old) // made on the first start
  t.after(() => running.stop())
  assert.equal(fs.statSync(old).mode & 0o777, 0o600)
  rememberKey(fs.readFileSync(old, 'utf8'))
  const listen = new URL(running.url).host
  const restart = async (...files) => {
    await running.stop()
    running = await startServer('--listen', listen, ...files.flatMap(name => ['--signing-key', name]))
  }

  const first = await idToken(page, running)
  const { protectedHeader } = await validate(running, first)
  assert.equal(protectedHeader.alg, 'RS256')
  await restart(old, next)
  assert.equal((await validate(running, first)).protectedHeader.kid, protectedHeader.kid, 'the file is kept')
  assert.equal((await validate(running, await idToken(page, running))).protectedHeader.kid, protectedHeader.kid)
  await restart(next, old)
  await validate(running, first)
  const second = await idToken(page, running)
  assert.equal((await validate(running, second)).protectedHeader.alg, 'ES256')
  await restart(last, next)
  await validate(running, second)
  await assert.rejects(validate(running, first), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
  assert.equal((await validate(running, await idToken(page, running))).protectedHeader.alg, 'EdDSA')
})

test('jose refuses a token that was tampered with', async t => {
  const { token, audience } = await idToken(await window(t), server)
  const [header, payload, signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url'))
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'person_grace' })).toString('base64url')
  await assert.rejects(validate(server, { token: `${header}.${forged}.${signature}`, audience }), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' })
  await assert.rejects(validate(server, { token, audience: 'another' }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' })
})

test('signing keys that cannot be used stop the server with a reason', async t => {
  const file = folder(t)
  const open = file('open.pem'), text = file('text.pem'), weak = file('weak.pem')
  writeKey(open, 'ed25519')
  fs.chmodSync(open, 0o644)
  fs.writeFileSync(text, 'not a key', { mode: 0o600 })
  writeKey(weak, 'rsa', { modulusLength: 1024 })
  await assert.rejects(startServer('--signing-key', open), /others may read it/)
  await assert.rejects(startServer('--signing-key', text), /signing_keys/)
  await assert.rejects(startServer('--signing-key', weak), /signing_keys/)
  await assert.rejects(startServer('--signing-key', file('no/such/folder')), /cannot be made/)
})
