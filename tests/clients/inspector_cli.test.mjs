// MCP Inspector's command line: one process a call, the connection kept in a file between them.
import path from 'node:path'
import { versionOf } from '../lib/matrix.mjs'
import { root } from '../lib/server.mjs'
import { walk } from './walk.mjs'

const program = path.join(root, 'tests/clients/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js')
const env = { MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' }

async function run(desk, server, ...args) {
  const { status, output, errors } = await desk.run(process.execPath, [program, '--cli', server.mcp, '--method', ...args], { env })
  if (status !== 0) throw new Error(errors)
  return output
}

const open = (desk, server) => ({
  call: (name, args = {}) => run(desk, server, 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)),
  again: () => run(desk, server, 'tools/list', '--relogin'), // which also revokes what it had
})

walk({ id: 'inspector_cli', name: 'MCP Inspector, command line', version: versionOf('@modelcontextprotocol/inspector', 'tests/clients') }, open, {
  step_up: 'the call fails; after a new sign-in it succeeds',
  revoke: 'asks the person again, under the same registration',
})
