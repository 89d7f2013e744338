// A person without a browser: cookies and forms over fetch, for tests in which the pages are not
// what is looked at.
import assert from 'node:assert/strict'
import { remember, rememberAll } from './secrets.mjs'
import { ada } from './browser.mjs'
import { authorization, redeem } from './oauth.mjs'

const decode = text => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
const hidden = (page, name) => decode(new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '')

export class Person {
  constructor(server, who = ada) { Object.assign(this, { server, who, cookies: new Map() }) }

  async visit(url, form) {
    if (form) rememberAll(new URLSearchParams(form))
    const response = await fetch(new URL(url, this.server.url), {
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      headers: { cookie: [...this.cookies].map(pair => pair.join('=')).join('; ') },
      redirect: 'manual',
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      this.cookies.set(name, remember(value))
    }
    return { status: response.status, location: response.headers.get('location'), page: await response.text() }
  }

  // Once, however many pages wait for it.
  signIn() { return this.signingIn ??= this.#signIn() }

  async #signIn() {
    const { page } = await this.visit('/login')
    const at = await this.visit('/login', {
      csrf: hidden(page, 'csrf'), authorize: hidden(page, 'authorize'), email: this.who.email, password: this.who.password,
    })
    assert.equal(at.status, 303, at.page)
  }

  // Stop at the consent page.
  async openConsent(url) {
    await this.signIn()
    const at = await this.visit(url)
    const ticket = hidden(at.page, 'ticket')
    assert.ok(ticket, `no consent page: ${at.status} ${at.page}`)
    return remember(ticket)
  }

  // The parameters that the client's redirect URI is called with.
  async allow(url, { access = 'mcp', workspaces = ['ws_engine'] } = {}) {
    const form = new URLSearchParams({ ticket: await this.openConsent(url), access, decision: 'allow' })
    for (const workspace of workspaces) form.append('workspace', workspace)
    const { status, location, page } = await this.visit('/oauth/consent', form)
    assert.equal(status, 303, page)
    return rememberAll(new URL(location).searchParams)
  }

  // The whole way: tokens for a registered client. Also says which code they came from.
  async connect(client, choice) {
    const request = authorization(this.server, client)
    const answer = await this.allow(request.url, choice)
    const { status, body } = await redeem(this.server, request, answer.get('code'))
    assert.equal(status, 200, JSON.stringify(body))
    return { ...body, request, code: answer.get('code') }
  }

  async disconnect(client) {
    const { page } = await this.visit(`/settings/apps/disconnect?client=${encodeURIComponent(client.client_id)}`)
    const { status } = await this.visit('/settings/apps/disconnect', { csrf: hidden(page, 'csrf'), client: client.client_id })
    assert.equal(status, 303)
  }
}
