// Clients in Python: the official SDK and FastMCP, in the environment that tests/deps makes of
// requirements.txt, and Authlib as Debian has it.
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import readline from 'node:readline'
import { root } from '../lib/server.mjs'
import { walk } from './walk.mjs'

const python = path.join(root, 'build/venv/bin/python')
const debians = '/usr/bin/python3'
const versionOf = (name, from = python) => execFileSync(from, ['-c', `import importlib.metadata; print(importlib.metadata.version("${name}"))`], { encoding: 'utf8' }).trim()

const opens = (interpreter, script, ...args) => (desk, server) => {
  let child, answers
  const begin = () => {
    child = desk.start(interpreter, [path.join(root, 'tests/clients', script), ...args, server.mcp])
    answers = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    child.stderr.setEncoding('utf8').on('data', text => { child.errors = (child.errors ?? '') + text })
  }
  return {
    async call(name, args = {}) {
      if (!child) begin()
      child.stdin.write(`${JSON.stringify([name, args])}\n`)
      const { value } = await answers.next()
      if (!value) throw new Error(`it ended: ${child.errors}`)
      const { text, error } = JSON.parse(value)
      if (error) throw new Error(error)
      return text
    },
  }
}

const steps = { step_up: 'yes, it asks the person for more', revoke: 'asks the person again, under the same registration' }
walk({ id: 'python_sdk', name: 'MCP Python SDK', version: versionOf('mcp') }, opens(python, 'host.py', 'mcp'), steps)
walk({ id: 'fastmcp', name: 'FastMCP client', version: versionOf('fastmcp') }, opens(python, 'host.py', 'fastmcp'), steps)
walk({ id: 'authlib', name: 'Authlib, with a host of a few lines', version: versionOf('authlib', debians) }, opens(debians, 'authlib_host.py'), steps)
