// docs/existing-server.md: its change applies to examples/existing/server.c, is as short as it says, and
// makes of a server that lets in everyone one that clients can sign in to.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Host } from '../lib/host.mjs'
import { listen, rpc } from '../lib/oauth.mjs'
import { root, start } from '../lib/server.mjs'
import { onFreePort } from './hosts.mjs'
import { Person } from './person.mjs'

const folder = path.join(root, 'build/existing')
const page = fs.readFileSync(path.join(root, 'docs/existing-server.md'), 'utf8')
const change = /```diff\n([^]*?)```/.exec(page)[1]
const run = (command, ...args) => execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })

// As in a tree of one's own: the file, the change, the compiler.
function build(name, ...more) {
  run('cc', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-Iinclude', path.join(folder, `${name}.c`), '-o', path.join(folder, name), ...more, '-lcjson')
}
const serve = name => onFreePort(port => start(path.join(folder, name), 'server', [String(port)]))

before(() => {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true })
  fs.copyFileSync(path.join(root, 'examples/existing/server.c'), path.join(folder, 'before.c'))
  fs.writeFileSync(path.join(folder, 'change.diff'), change)
  run('patch', '--fuzz=0', '-s', '-o', path.join(folder, 'after.c'), path.join(folder, 'before.c'), path.join(folder, 'change.diff'))
  build('before')
  build('after', 'build/libistauth.a', '-lsodium', '-lcrypto')
})

// This server's sign-in page has no e-mail address, and its form goes back to where it stands.
class Visitor extends Person {
  async decide(url, { untick = [] } = {}) {
    let at = await this.visit(url)
    assert.equal(at.status, 303, at.page)
    const signIn = at.location
    assert.match(signIn, /^\/login\?next=%2Foauth%2Fauthorize%3F/)
    assert.equal((await this.visit(signIn, new URLSearchParams({ password: 'babbage' }))).status, 403)
    at = await this.visit(signIn, new URLSearchParams({ password: 'lovelace' }))
    assert.equal(at.status, 303)
    at = await this.visit(at.location)
    assert.equal(at.status, 200, at.page)
    at = await this.submit(at.page, inputs => { for (const input of inputs) if (untick.includes(input.value)) delete input.checked }, 'allow')
    assert.equal(at.status, 303, at.page)
    return new URL(at.location).searchParams
  }
}

class Sdk extends Host {
  async withVisitor(step, choice) {
    await assert.rejects(step, this.Unauthorized)
    await this.finish(await new Visitor(this.server).decide(String(this.provider.authorizationUrl), choice))
    return step()
  }
}

test('the change is as short as the page says', () => {
  const added = change.split('\n').filter(line => /^\+[^+\s]|^\+\s+\S/.test(line)).length
  assert.ok(added <= 60, `${added} lines`)
  assert.ok(page.includes(`is all that it needs, ${added} lines`), `${added} lines`)
})

test('before, everyone is let in', async () => {
  const server = await serve('before')
  try {
    assert.equal((await rpc(server, undefined, 'tools/call', { name: 'count_up' })).body.result.content[0].text, '1')
  } finally {
    await server.kill()
  }
})

for (const generation of ['v1', 'v2'])
  describe(`after, SDK ${generation}`, () => {
    let server
    before(async () => { server = await serve('after') })
    after(() => server.kill())

    const connect = async (t, choice) => {
      const listener = await listen()
      t.after(listener.close)
      const sdk = Object.assign(new Sdk(generation, server, listener), { server })
      t.after(() => sdk.close())
      await sdk.withVisitor(() => sdk.reopen(), choice)
      return sdk
    }
    const call = (sdk, name) => sdk.client.callTool({ name, arguments: {} })

    test('signs in, consents and calls a tool', async t => {
      const sdk = await connect(t)
      const { tools } = await sdk.client.listTools()
      assert.deepEqual(tools.map(({ name }) => name), ['count_read', 'count_up'])
      assert.equal((await call(sdk, 'count_up')).content[0].text, '1')
      assert.equal((await call(sdk, 'count_read')).content[0].text, '1')
    })

    test('who left only reading cannot change anything', async t => {
      const sdk = await connect(t, { untick: ['mcp'] })
      const { access_token } = sdk.provider.saved
      const refused = await rpc(server, access_token, 'tools/call', { name: 'count_up' })
      assert.equal(refused.status, 403)
      assert.match(refused.headers.get('www-authenticate'), /error="insufficient_scope", .*scope="mcp"/)
      assert.equal((await rpc(server, access_token, 'tools/call', { name: 'count_read' })).status, 200)
    })

    test('without a token nothing of /mcp is read', async () => {
      for (const [method, status] of [['POST', 401], ['GET', 401], ['HEAD', 401], ['OPTIONS', 204]])
        assert.equal((await fetch(server.mcp, { method, body: method === 'POST' ? '{' : undefined })).status, status, method)
      assert.equal((await fetch(`${server.url}/.well-known/openid-configuration`)).status, 404)
    })
  })
