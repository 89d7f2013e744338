// A person who has nothing but the forms that a page shows her: every field of what she sends is one that
// she was shown, with the value it had, unless she changed it.
import assert from 'node:assert/strict'
import { ada } from '../lib/browser.mjs'
import { remember, rememberAll } from '../lib/secrets.mjs'

const entities = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&', '#96': '`' }
const decode = text => text.replace(/&(#?\w+);/g, (whole, name) => entities[name] ?? whole)

// The attributes of each tag of this name, in order.
const tags = (page, name) => [...page.matchAll(new RegExp(`<${name}\\b([^>]*)>`, 'g'))].map(([, text]) =>
  Object.fromEntries([...text.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, key, value]) => [key, decode(value ?? '')])))

export const formOf = page => ({ action: tags(page, 'form')[0]?.action, inputs: tags(page, 'input'), buttons: tags(page, 'button') })

export class Person {
  constructor(server, who = ada) { Object.assign(this, { server, who, cookies: new Map() }) }

  async visit(url, form, headers = {}) {
    if (form) rememberAll(form)
    const response = await fetch(new URL(url, this.server.url), {
      method: form ? 'POST' : 'GET',
      body: form,
      headers: {
        cookie: [...this.cookies].map(pair => pair.join('=')).join('; '),
        ...(form && { origin: this.server.url }), // as browsers do
        ...headers,
      },
      redirect: 'manual',
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      this.cookies.set(name, remember(value))
    }
    return { status: response.status, headers: response.headers, location: response.headers.get('location'), page: await response.text() }
  }

  // The form of a page, filled in by `fill`, which is given its inputs, and sent with one of its buttons.
  submit(page, fill, press, headers) {
    const { action, inputs, buttons } = formOf(page)
    assert.ok(action, `no form: ${page}`)
    fill(inputs)
    const form = new URLSearchParams()
    for (const { type, name, value = 'on', checked, disabled } of inputs)
      if (name && disabled === undefined && (!['checkbox', 'radio'].includes(type) || checked !== undefined)) form.append(name, value)
    const button = buttons.find(({ value }) => value === press)
    if (button?.name) form.append(button.name, button.value)
    return this.visit(action, form, headers)
  }

  signIn(page, password = this.who.password, headers) {
    return this.submit(page, inputs => {
      inputs.find(({ type }) => type === 'email').value = this.who.email
      inputs.find(({ type }) => type === 'password').value = password
    }, undefined, headers)
  }

  // Stop at the consent page.
  async openConsent(url) {
    let at = await this.visit(url)
    if (at.page.includes('type="password"')) {
      at = await this.signIn(at.page)
      assert.equal(at.status, 303, at.page)
      at = await this.visit(at.location)
    }
    assert.equal(at.status, 200, at.page)
    assert.ok(formOf(at.page).inputs.some(({ name }) => name === 'ticket'), at.page)
    return at.page
  }

  answer(page, { workspaces = ['ws_engine'], press = 'allow' } = {}) {
    return this.submit(page, inputs => {
      for (const input of inputs)
        if (input.name === 'workspace') workspaces.includes(input.value) ? input.checked = '' : delete input.checked
    }, press)
  }

  // The parameters that the client's redirect URI is called with.
  async decide(url, choice) {
    const { status, location, page } = await this.answer(await this.openConsent(url), choice)
    assert.equal(status, 303, page)
    return rememberAll(new URL(location).searchParams)
  }
}
