// A host application around the official SDKs, both generations: it keeps what the SDK gives it in
// memory, opens the system browser (Chromium, with a person in it) and hands the answer back.
import crypto from 'node:crypto'
import * as v1 from '@modelcontextprotocol/sdk/client/index.js'
import * as v1http from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import * as v1auth from '@modelcontextprotocol/sdk/client/auth.js'
import * as v2 from '@modelcontextprotocol/client'
import { ada, authorize } from './browser.mjs'
import { remember, rememberAll } from './secrets.mjs'

export const generations = {
  v1: { Client: v1.Client, Transport: v1http.StreamableHTTPClientTransport, Unauthorized: v1auth.UnauthorizedError },
  v2: { Client: v2.Client, Transport: v2.StreamableHTTPClientTransport, Unauthorized: v2.UnauthorizedError },
}

// What both SDKs call an OAuthClientProvider.
class Provider {
  constructor(name, redirectUrl) {
    this.redirectUrl = redirectUrl
    this.clientMetadata = {
      client_name: name,
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }
    this.forgotten = []
    this.hideRefreshToken = false
  }
  state() { return this.lastState = crypto.randomBytes(12).toString('base64url') }
  clientInformation() { return this.client }
  saveClientInformation(client) { this.client = rememberAll(client) }
  tokens() {
    if (!this.saved || !this.hideRefreshToken) return this.saved
    const { refresh_token: _, ...rest } = this.saved
    return rest
  }
  saveTokens(tokens) { this.saved = rememberAll(tokens); this.hideRefreshToken = false }
  saveCodeVerifier(verifier) { this.verifier = remember(verifier) }
  codeVerifier() { return this.verifier }
  saveDiscoveryState(state) { this.discovered = state }
  discoveryState() { return this.discovered }
  redirectToAuthorization(url) { this.authorizationUrl = url }
  invalidateCredentials(scope) {
    this.forgotten.push(scope)
    if (scope === 'all' || scope === 'tokens') this.saved = undefined
    if (scope === 'all' || scope === 'client') this.client = undefined
    if (scope === 'all' || scope === 'discovery') this.discovered = undefined
  }
}

export class Host {
  // `server` gives nothing but the MCP URL. `exchanges` is what went over the wire.
  constructor(generation, server, listener, page, { name = `SDK ${generation}`, clientOptions = {} } = {}) {
    Object.assign(this, generations[generation], { generation, mcp: server.mcp, listener, page, name, clientOptions })
    this.provider = new Provider(name, listener.url)
    this.exchanges = []
    this.visits = 0
  }

  fetch = async (url, init = {}) => {
    const response = await fetch(url, init)
    const json = response.headers.get('content-type')?.startsWith('application/json')
    const body = json ? await response.clone().json() : undefined
    this.exchanges.push({
      method: init.method ?? 'GET',
      path: new URL(url).pathname,
      form: init.body instanceof URLSearchParams ? Object.fromEntries(init.body) : undefined,
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      body,
    })
    return response
  }

  // Calls of one path, e.g. those of the token endpoint.
  calls(path) { return this.exchanges.filter(exchange => exchange.path === path) }

  reopen() {
    this.transport = new this.Transport(new URL(this.mcp), { authProvider: this.provider, fetch: this.fetch })
    this.client = new this.Client({ name: this.name, version: '1.0.0' }, this.clientOptions)
    return this.client.connect(this.transport)
  }

  // Run `step`; when it ends in "the browser is open", let the person answer and try again.
  async withPerson(step, choice, person = ada) {
    try {
      return await step()
    } catch (error) {
      if (!(error instanceof this.Unauthorized)) throw error
    }
    const request = { url: String(this.provider.authorizationUrl), state: this.provider.lastState }
    const answer = await authorize(this.page, request, this.listener, choice, person)
    this.visits++
    this.answer = answer
    await this.finish(answer)
    return step()
  }

  finish(answer) {
    return this.transport.finishAuth(this.generation === 'v1' ? answer.get('code') : answer)
  }

  connect(choice, person) { return this.withPerson(() => this.reopen(), choice, person) }

  call(name, args = {}) { return this.client.callTool({ name, arguments: args }) }

  async close() { await this.client?.close() }
}
