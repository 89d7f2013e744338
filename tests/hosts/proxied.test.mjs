// What is special about a web server in front: whom the program believes, what is refused where, and what
// the web server writes down.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import path from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { setImmediate as later } from 'node:timers/promises'
import tls from 'node:tls'
import { authorization, redeem, register, rpc } from '../lib/oauth.mjs'
import { seen } from '../lib/secrets.mjs'
import { programs } from './hosts.mjs'
import { Person } from './person.mjs'
import { proxies } from './proxies.mjs'

async function ask(url, { body, ...options } = {}) {
  const request = (url.startsWith('https:') ? https : http).request(url, { agent: false, ...options })
  request.end(body)
  const [response] = await once(request, 'response')
  return { status: response.statusCode, headers: response.headers, body: await textOf(response) }
}

// As it is written: URL would remove dots.
const rawTarget = (server, target) => ask(server.url, { path: target })

async function connect(server) {
  const request = authorization(server, await register(server))
  const code = (await new Person(server).decide(request.url)).get('code')
  return { ...(await redeem(server, request, code)).body, request, code }
}

// A token that is refused, of which the audit log tells: the address in its line.
async function addressOf(server, url, headers, localAddress = '127.0.0.1') {
  const lines = () => [...server.log().matchAll(/^event verification_denied .* address=(.*)$/gm)].map(([, address]) => address)
  const before = lines().length
  const { status } = await ask(url, { method: 'POST', localAddress, headers: { authorization: 'Bearer ist_at_x', ...headers } })
  assert.equal(status, 401)
  while (lines().length === before) await later() // it comes by another pipe
  return lines().at(-1)
}

const lies = { 'x-real-ip': '6.6.6.6', 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', 'client-ip': '6.6.6.6', 'remote-addr': '6.6.6.6' }

for (const { name, start } of proxies)
  describe(name, { concurrency: false }, () => {
    let server
    before(async () => { server = await start() })
    after(() => server.stop())

    test('the caller’s address is that of the connection, whatever the request says', async () => {
      for (const headers of [{}, lies, { 'x-real-ip': ['6.6.6.6', '7.7.7.7'] }]) {
        assert.equal(await addressOf(server, server.mcp, headers, '127.0.0.2'), '127.0.0.2')
        assert.equal(await addressOf(server, server.mcp, headers, '127.0.0.3'), '127.0.0.3')
      }
    })

    test('a client may have as long a state as the library takes', async () => {
      const client = await register(server, { redirect_uris: ['https://app.example/callback'] })
      const state = 's'.repeat(4096), padding = 'p'.repeat(11_000)
      const refused = await ask(authorization(server, client, { state, scope: 'nonsense', padding }).url)
      assert.equal(refused.status, 303)
      assert.equal(new URL(refused.headers.location).searchParams.get('state'), state)
    })

    test('a well-known path is answered as it came, and redirects nowhere', async () => {
      for (const document of ['/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp']) {
        assert.equal((await ask(server.url + document)).status, 200, document)
        for (const near of [`${document}/x`, `/${document}`, `${document}%2f`, document.replace('known', '%6bnown'), document.replace('/oauth', '//oauth'), document.replace('/oauth', '/x/../oauth')])
          assert.equal((await rawTarget(server, near)).status, 404, near)
        assert.ok((await ask(`${server.url}${document}/`)).status !== 301, document)
      }
    })

    test('no page is compressed, whatever the rest of the configuration says', async () => {
      const { url } = authorization(server, await register(server))
      const { status, headers, body } = await ask(url, { headers: { 'accept-encoding': 'gzip' } })
      assert.deepEqual([status, headers['content-encoding'], /type="password"/.test(body)], [200, undefined, true])
    })

    test('browsers are told to stay with https', async () => {
      assert.equal((await ask(server.mcp)).headers['strict-transport-security'], 'max-age=31536000')
    })

    test('the log of the web server has paths and answers, and no query, Referer, token or state', async () => {
      const tokens = await connect(server)
      const secret = 'NobodyMayReadThis'
      assert.equal((await rpc(server, tokens.access_token, 'ping')).status, 200)
      assert.equal((await ask(`${server.url}/callback?code=${secret}&state=${secret}&access_token=${secret}`)).status, 404)
      assert.equal((await ask(`${server.url}/x/${tokens.access_token}`)).status, 404)
      await ask(server.mcp, { headers: { referer: `${server.url}/?code=${secret}`, 'user-agent': secret, cookie: `session=${secret}` } })
      await ask(`${server.url}/api/oauth/token?code=${secret}`, { method: 'POST', body: 'x'.repeat(70_000) })
      await ask(`${server.url}/%zz?code=${secret}`)
      await ask(`${server.url}/mcp?code=${secret}`, { headers: ['authorization', secret, 'authorization', secret] })
      if (server.program) {
        await server.program.stop()
        assert.equal((await ask(`${server.url}/oauth/authorize?state=${secret}&code=${secret}`)).status, 502)
      }
      await server.web.stop() // and has written its logs
      const log = server.log()
      for (const line of [/POST "\/api\/oauth\/token" 200/, /POST "\/mcp" 200/, /GET "\/callback" 404/, /GET "?\(a token\)"? 404/, ...server.program ? [/GET "\/oauth\/authorize" 502 /] : []])
        assert.match(server.accessLog(), line)
      for (const word of [secret, tokens.request.state, 'code=', 'state=', ...[...seen].filter(secret => secret.length >= 20)])
        assert.ok(!log.includes(word), `${word} is in the log`)
    })
  })

for (const { name, start } of proxies.slice(0, 2))
  test(`${name}: whoever is slow to send a header or a body is cut off, and the others are served`, async t => {
    const server = await start({ others: [['client_header_timeout 10s;', 'client_header_timeout 2s;'], ['client_body_timeout 10s;', 'client_body_timeout 2s;']] })
    t.after(server.stop)
    const { hostname, port } = new URL(server.url)
    const slow = async text => {
      const socket = tls.connect(port, hostname)
      await once(socket, 'secureConnect')
      socket.write(text)
      const answer = await textOf(socket).catch(() => '') // cut
      assert.match(answer, /^$|^HTTP\/1\.1 408 /)
    }
    const cut = Promise.all([slow('GET /mcp HTTP/1.1\r\nHost: x\r\n'), slow('POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n{')])
    assert.equal((await rpc(server, undefined, 'ping')).status, 401)
    await cut
    assert.match(server.accessLog(), /POST "\/mcp" 401/)
  })

for (const { name, start } of proxies.slice(0, 2))
  test(`${name}: when nginx has no connection left, its log quotes no request`, async t => {
    const server = await start({ connections: 3 }) // it listens on one, one is its own, and the client has the third
    t.after(server.stop)
    assert.equal((await ask(`${server.url}/oauth/authorize?code=NobodyMayReadThis`)).status, 500)
    await server.web.stop()
    assert.match(server.accessLog(), /GET "\/oauth\/authorize" 500 /)
    assert.ok(!server.log().includes('NobodyMayReadThis'))
  })

test('microhttpd believes X-Real-IP of the proxy alone, and only one address', async t => {
  const server = await proxies[0].start()
  t.after(server.stop)
  const url = `${server.program.url}/mcp`
  assert.equal(await addressOf(server, url, { 'x-real-ip': '6.6.6.6' }, '127.0.0.2'), '127.0.0.2', 'not from the proxy')
  for (const [said, want] of [['6.6.6.6', '6.6.6.6'], ['2001:db8::1', '2001:db8::1'], ['evil', '127.0.0.1'], ['6.6.6.6 x', '127.0.0.1'], ['', '127.0.0.1'], [['6.6.6.6', '7.7.7.7'], '127.0.0.1'], ['1'.repeat(100), '127.0.0.1']])
    assert.equal(await addressOf(server, url, { 'x-real-ip': said }), want, String(said))
})

// --- without a web server in between: what a program makes of variables that one would not send ---

// One request of FastCGI 1.0, with parameters in any number: its answer.
async function fastcgi(file, parameters, body = '') {
  const record = (type, content) => {
    const head = Buffer.alloc(8)
    head.writeUInt8(1, 0), head.writeUInt8(type, 1), head.writeUInt16BE(1, 2), head.writeUInt16BE(content.length, 4)
    return Buffer.concat([head, content])
  }
  const size = text => { const b = Buffer.alloc(4); b.writeUInt32BE(text.length + 0x80000000); return b }
  const pair = ([name, value]) => Buffer.concat([size(name), size(value), Buffer.from(name + value)])
  const socket = net.connect(file)
  await once(socket, 'connect')
  socket.write(Buffer.concat([record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])), record(4, Buffer.concat(parameters.map(pair))),
    record(4, Buffer.alloc(0)), ...body ? [record(5, Buffer.from(body))] : [], record(5, Buffer.alloc(0))]))
  const chunks = []
  for await (const chunk of socket) chunks.push(chunk)
  let rest = Buffer.concat(chunks), answer = ''
  while (rest.length >= 8) {
    const length = rest.readUInt16BE(4)
    if (rest.readUInt8(1) === 6) answer += rest.subarray(8, 8 + length)
    rest = rest.subarray(8 + length + rest.readUInt8(6))
  }
  return answer
}

async function cgi(server, parameters, body = '', args = []) {
  const settings = { SITE_ISSUER: server.url, SITE_STORE: `${server.folder}/site.db`, SITE_KEY: `${server.folder}/key` }
  const child = spawn(path.join(programs, 'cgi'), args, { env: { ...settings, ...Object.fromEntries(parameters) } })
  child.stdin.on('error', () => {}).end(body) // unread
  const [answer, complaint, [code]] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')])
  return Object.assign(new String(answer), { code, complaint })
}

const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
const call = (...more) => [['GATEWAY_INTERFACE', 'CGI/1.1'], ['REQUEST_METHOD', 'POST'], ['REQUEST_URI', '/mcp'], ['REMOTE_ADDR', '192.0.2.1'],
  ['CONTENT_TYPE', 'application/json'], ['CONTENT_LENGTH', String(ping.length)], ...more]
const without = (name, parameters) => parameters.filter(([key]) => key !== name)
const bearer = ({ access_token }) => ['HTTP_AUTHORIZATION', `Bearer ${access_token}`]

for (const [name, proxy, send] of [
  ['fastcgi', proxies[1], (server, ...request) => fastcgi(`${server.folder}/site.sock`, ...request)],
  ['cgi', proxies[2], cgi],
])
  describe(`${name}, spoken to directly`, { concurrency: false }, () => {
    let server, tokens
    const status = async (...request) => Number(/^Status: (\d{3}) \w+\r\n/.exec(await send(server, ...request))?.[1])
    before(async () => {
      server = await proxy.start()
      tokens = await connect(server)
    })
    after(() => server.stop())

    test('one Authorization opens, two that a server joined do not', async () => {
      const [key, value] = bearer(tokens)
      assert.equal(await status(call([key, value]), ping), 200)
      assert.equal(await status(call([key, `${value}, ${value}`]), ping), 401)
      assert.equal(await status(call([key, `${value},${value}`]), ping), 401)
      assert.equal(await status(call(['HTTP_X_AUTHORIZATION', value], ['AUTHORIZATION', value], ['HTTP_AUTHORIZATION2', value]), ping), 401)
      if (name === 'fastcgi') assert.equal(await status(call([key, value], [key, value]), ping), 401, 'and two that it did not join')
    })

    test('the path is that of REQUEST_URI, encoded as it was sent', async () => {
      for (const target of ['/%6dcp', '/mcp%2f', '/x/..%2fmcp'])
        assert.equal(await status([...without('REQUEST_URI', call(bearer(tokens))), ['REQUEST_URI', target], ['PATH_INFO', '/mcp'], ['SCRIPT_NAME', '/mcp']], ping), 404, target)
      assert.equal(await status([...without('REQUEST_URI', call(bearer(tokens))), ['PATH_INFO', '/mcp']], ping), 503)
      assert.equal(await status(without('REQUEST_METHOD', call(bearer(tokens))), ping), 503)
    })

    test('a body is as long as it says, and no longer than it may be', async () => {
      const length = (size, body) => status([...without('CONTENT_LENGTH', call(bearer(tokens))), ['CONTENT_LENGTH', size]], body)
      assert.equal(await length('40', ping), 200)
      assert.equal(await length('41', ping), 400)
      assert.doesNotMatch(String(await send(server, [...without('CONTENT_LENGTH', call(bearer(tokens))), ['CONTENT_LENGTH', '41']], ping)), /jsonrpc/, 'not even read')
      assert.equal(await length('39', ping), 400, 'cut')
      for (const size of ['-1', '+40', '40x', ' 40', '0x28']) assert.equal(await length(size, ping), 400, size)
      for (const size of ['65537', '18446744073709551656', '9'.repeat(50)]) assert.equal(await length(size, ping), 413, size)
    })
  })

test('fastcgi: the socket is for its user and group, and needs a path', async t => {
  const server = await proxies[1].start()
  t.after(server.stop)
  assert.equal(fs.statSync(`${server.folder}/site.sock`).mode & 0o777, 0o660)
  const child = spawn(path.join(programs, 'fastcgi'), ['--listen', ':9000', '--issuer', server.url], { timeout: 10_000 })
  const [complaint, [code]] = await Promise.all([textOf(child.stderr), once(child, 'close')])
  assert.deepEqual([code, /absolute path/.test(complaint)], [1, true])
  const inTheWay = spawn(path.join(programs, 'fastcgi'), ['--listen', `${server.folder}/site.db`, '--issuer', server.url], { timeout: 10_000 })
  assert.match(await textOf(inTheWay.stderr), /site\.db is no socket/)
  assert.ok(fs.existsSync(`${server.folder}/site.db`))
})

test('cgi: nothing of a query is an argument, cron tidies up, and without its settings it says 503', async t => {
  const server = await proxies[2].start()
  t.after(server.stop)
  const { status, headers } = await ask(`${server.mcp}?--issuer+https://evil.example`, { method: 'POST' })
  assert.equal(status, 401)
  assert.ok(headers['www-authenticate'].includes(`${server.url}/`))
  assert.match(String(await cgi(server, call(), ping, ['--issuer', 'https://evil.example'])), /^Status: 401 /)
  const cron = await cgi(server, [])
  assert.deepEqual([String(cron), cron.complaint, cron.code], ['', '', 0])
  for (const setting of ['SITE_KEY', 'SITE_STORE']) {
    const broken = await cgi(server, call([setting, '/nowhere/x']), ping)
    assert.match(String(broken), /^Status: 503 \w+\r\n/)
    assert.deepEqual([broken.code, broken.complaint === ''], [1, false], 'the log of the web server says why')
  }
})
