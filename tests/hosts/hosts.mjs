// The programs of examples/hosts: one application on many HTTP servers. Each entry says how to start
// one, with a store of its own; what comes back has url (the issuer), mcp, log() and stop().
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort, root, start } from '../lib/server.mjs'

export const programs = path.resolve(root, process.env.HOSTS ?? 'build/hosts')

// A port may be taken between the moment at which it was free and its use: then another one is tried.
export async function onFreePort(begin) {
  for (let tries = 1; ; tries++)
    try {
      return await begin(await freePort())
    } catch (error) {
      if (tries === 5 || !/listen/.test(error.message)) throw error
    }
}

// A folder that is removed when `stop` has ended the server.
export function inFolder(begin) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-'))
  const remove = () => fs.rmSync(folder, { recursive: true, force: true })
  return begin(folder).then(server => ({ ...server, folder, stop: () => server.stop().finally(remove) }), error => { remove(); throw error })
}

const program = name => (...options) => onFreePort(port =>
  start(path.join(programs, name), name, ['--listen', `127.0.0.1:${port}`, ...options]))
const onFile = begin => () => inFolder(folder => begin('--store', path.join(folder, 'site.db')))

export const hosts = [
  { name: 'microhttpd', start: onFile(program('microhttpd')), chromium: true },
  { name: 'civetweb', start: program('civetweb') },
  { name: 'evhttp', start: onFile(program('evhttp')) },
]
