// docs/existing-server.md: its change applies to examples/existing/server.c, is as short as it says, and
// makes of a server that lets in everyone one that clients can sign in to.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
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

test('patch takes the page as it is', () => {
  assert.match(page, /patch -p1 <docs\/existing-server\.md/)
  const copy = path.join(folder, 'examples/existing')
  fs.mkdirSync(copy, { recursive: true })
  fs.copyFileSync(path.join(root, 'examples/existing/server.c'), path.join(copy, 'server.c'))
  run('patch', '-p1', '-s', '-d', folder, '-i', path.join(root, 'docs/existing-server.md'))
  assert.deepEqual(fs.readFileSync(path.join(copy, 'server.c')), fs.readFileSync(path.join(folder, 'after.c')))
})

test('before, everyone is let in', async () => {
  const server = await serve('before')
  try {
    assert.equal((await rpc(server, undefined, 'tools/call', { name: 'count_up' })).body.result.content[0].text, '1')
  } finally {
    await server.kill()
  }
})

// What the server says to this, until it ends the connection.
async function send(server, text) {
  const socket = net.connect(new URL(server.url).port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', piece => { answer += piece })
  const closed = new Promise(resolve => socket.once('close', resolve).on('error', () => {}))
  socket.write(text)
  await closed
  return answer
}

describe('before or after, it reads no more than it has', () => {
  let server
  before(async () => { server = await serve('before') })
  after(() => server.kill())

  const ping = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
  const post = (...lines) => send(server, `POST /mcp HTTP/1.1\r\n${lines.map(line => `${line}\r\n`).join('')}\r\n${ping}`)
  const said = ping.length

  test('one length, in digits', async () => {
    assert.match(await post('Host: x', `Content-Length: ${said}`), /^HTTP\/1.1 200 /)
    for (const lines of [['Content-Length: -1'], ['Content-Length: -9223372036854775000'], ['Content-Length: 18446744073709551615'],
      ['Content-Length: 99999999999999999999999'], ['Content-Length: 65536'], [`Content-Length: +${said}`], [`Content-Length: ${said},${said}`], ['Content-Length: '],
      ['Content-Length: 0x2e'], [`Content-Length: ${said}`, 'content-length: 5'], ['Transfer-Encoding: chunked'], [`Content-Length: ${said}`, 'Transfer-Encoding: chunked']])
      assert.equal(await post(...lines), '', lines.join())
    assert.match(await post('Host: x', `Content-Length: ${said}`), /^HTTP\/1.1 200 /)
  })

  test('an id that cannot be given back is refused, and so is a port that is none', async () => {
    const ask = id => send(server, `POST /mcp HTTP/1.1\r\nContent-Length: ${36 + id.length}\r\n\r\n{"jsonrpc":"2.0","method":"x","id":${id}}`)
    for (const id of ['9007199254740993', '1e400', '0.5', '[]', 'null']) assert.match(await ask(id), /^HTTP\/1.1 400 /, id)
    for (const id of ['999999999999999', '-1', '"a"']) assert.ok((await ask(id)).includes(`"id":${id},`), id)
    for (const port of ['', 'x', '-1', '65536', '123456', '80 '])
      assert.equal(spawnSync(path.join(folder, 'before'), [port], { timeout: 5000 }).status, 1, port)
  })

  test('a session is the whole cookie of that name', async () => {
    const entered = await send(server, 'POST /login?next=/ HTTP/1.1\r\nContent-Length: 17\r\n\r\npassword=lovelace')
    const id = /session=(\w{32});/.exec(entered)[1]
    const home = async cookie => (await send(server, `GET / HTTP/1.1\r\nCookie: ${cookie}\r\n\r\n`)).slice(9, 12)
    for (const cookie of [`session=${id}`, `a=b; session=${id}`, `xsession=x; session=${id}; c=d`, `session=${id};`, `;session=${id}`]) assert.equal(await home(cookie), '200', cookie)
    for (const cookie of [`xsession=${id}`, `session=${id}0`, `session=${id.slice(1)}`, `a=session=${id}`, 'session=', ';', '']) assert.equal(await home(cookie), '303', cookie)
  })

  test('it sends nobody to half a place', async () => {
    const enter = next => send(server, `POST /login?next=/${next} HTTP/1.1\r\nContent-Length: 17\r\n\r\npassword=lovelace`)
    assert.match(await enter('a'.repeat(1000)), /^HTTP\/1.1 303 [^]*\r\nLocation: \/a{1000}\r\n/)
    const answer = await enter('a'.repeat(40000))
    assert.match(answer, /^HTTP\/1.1 414 /)
    assert.doesNotMatch(answer, /Location|Set-Cookie/)
  })

  test('who sends a byte now and then does not keep it from the others', async () => {
    const slow = net.connect(new URL(server.url).port, '127.0.0.1')
    slow.on('error', () => {})
    slow.write('GET /')
    const drip = setInterval(() => slow.write('a'), 500)
    try {
      assert.equal((await fetch(`${server.url}/login`, { signal: AbortSignal.timeout(20000) })).status, 200)
    } finally {
      clearInterval(drip)
      slow.destroy()
    }
  })
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

    test('a client in a browser may read every answer', async t => {
      const { access_token } = (await connect(t)).provider.saved
      for (const [method, body, status] of [['POST', '{"jsonrpc":"2.0","method":"notifications/initialized"}', 202], ['POST', '{', 400], ['GET', undefined, 405]]) {
        const answer = await fetch(server.mcp, { method, body, headers: { authorization: `Bearer ${access_token}` } })
        assert.equal(answer.status, status)
        assert.equal(answer.headers.get('access-control-allow-origin'), '*', `${status}`)
      }
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
