// An OAuth client in plain fetch: one function per request, nothing hidden.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import { remember, rememberAll } from './secrets.mjs'

export async function register(server, metadata = {}) {
  const response = await fetch(`${server.url}/api/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Test Client',
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      ...metadata,
    }),
  })
  const client = await response.json()
  assert.equal(response.status, 201, JSON.stringify(client))
  return rememberAll(client)
}

// A new authorization request: its URL, and the secrets that redeem its answer.
export function authorization(server, client, parameters = {}) {
  const verifier = remember(crypto.randomBytes(32).toString('base64url'))
  const state = crypto.randomBytes(9).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: client.redirect_uris[0],
    scope: 'mcp',
    state,
    code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource: server.mcp,
    ...parameters,
  })
  return {
    url: `${server.url}/oauth/authorize?${query}`,
    client,
    verifier,
    state: query.get('state'),
    redirectUri: query.get('redirect_uri'),
  }
}

async function tokenRequest(server, form) {
  rememberAll(form)
  const response = await fetch(`${server.url}/api/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  const body = rememberAll(await response.json())
  return { status: response.status, body }
}

export function redeem(server, request, code) {
  return tokenRequest(server, {
    grant_type: 'authorization_code',
    code,
    client_id: request.client.client_id,
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
  })
}

export function refresh(server, client, token) {
  return tokenRequest(server, {
    grant_type: 'refresh_token',
    refresh_token: token,
    client_id: client.client_id,
  })
}

// One MCP request, as curl would send it.
export async function rpc(server, token, method, params = {}) {
  const response = await fetch(server.mcp, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null }
}

export const tool = (server, token, name, args = {}) =>
  rpc(server, token, 'tools/call', { name, arguments: args })

// Where a client listens for its answers (RFC 8252 7.3), told apart by their state.
export async function listen() {
  const arrived = new Map(), waiting = new Map()
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1')
    response.writeHead(200, { 'content-type': 'text/html', connection: 'close' })
    response.end('<!doctype html><title>Client</title><h1>Connected</h1>You may close this window.')
    if (url.pathname !== '/callback') return
    const answer = rememberAll(url.searchParams), state = answer.get('state')
    arrived.set(state, [...arrived.get(state) ?? [], answer])
    waiting.get(state)?.(answer)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => new Promise(resolve => { server.close(resolve); server.closeAllConnections() })
  const heard = ({ state }) => arrived.get(state) ?? []
  return {
    url: `http://127.0.0.1:${server.address().port}/callback`,
    // All answers to one request so far, and the next one.
    heard,
    answer: ({ state }, after = heard({ state }).length) => new Promise(resolve => waiting.set(state, answer => {
      if (arrived.get(state).length > after) resolve(answer)
    })),
    close,
  }
}
